import type { Howto } from '../howto';

/** One file declares the field, and one fills it: the row, the reply and the OpenAPI document follow. */
export const AUDIT_FIELD: Howto = {
  name: 'an audit field',
  atMost: 2,
  edits: [
    {
      place: 'AUDIT_FIELDS',
      append:
        "/** The provider's primary version when a token was opened. */\nprimary_version: { kind: 'count', nullable: true }",
    },
    {
      place: 'createDecrypt',
      words: "event_type: 'decrypt', ...entry, token_sha256, key_version }",
      by: "event_type: 'decrypt', ...entry, token_sha256, key_version, primary_version: opened.primaryVersion }",
    },
    {
      file: 'test/unit/audit/audit-event.test.ts',
      words: 'error_message: null }',
      by: 'error_message: null, primary_version: null }',
    },
  ],
  tests: [
    'test/contract/dynamodb/audit-log.test.ts',
    'test/unit/audit',
    'test/unit/http/audit.test.ts',
    'test/unit/http/openapi.test.ts',
    'test/unit/tokens/tokens.test.ts',
  ],
  shows: {
    file: 'test/unit/tokens/primary-version.test.ts',
    uses: [
      'fromAuditItem',
      'openApiDocument',
      'toAuditItem',
      'test/doubles/world.ts#World',
      'test/doubles/world.ts#caller',
    ],
    text: `
test('the event of a decrypt has the field, in the row and in the reply of the API, too', async () => {
  const world = new World();
  const { ciphertext } = await world.application.encrypt(caller, { provider: 'openai', plaintext: 'sk-example', context: {} });
  await world.application.decrypt(caller, { provider: 'openai', ciphertext, context: {} });
  const [encrypted, decrypted] = world.audit.events;
  expect([encrypted!.primary_version, decrypted!.primary_version]).toEqual([null, 1]);
  expect(fromAuditItem(toAuditItem(world.audit.records[1]!, undefined))).toEqual(decrypted);
  expect(JSON.stringify(openApiDocument('0.1.0'))).toContain('"primary_version":');
});
`,
  },
};
