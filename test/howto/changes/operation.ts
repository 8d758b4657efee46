import type { Howto } from '../howto';

/** The resources that CloudFormation makes for the call. */
const MADE = ['apiv1providersproviderkek8CB2A2C2', 'apiv1providersproviderkekGET0D2FCB76'];
const UPGRADE = 'test/infra/stacks/upgrade.test.ts';

/** A call is declared in one place: the router, the gateway, the policies and the OpenAPI document follow. */
export const OPERATION: Howto = {
  name: 'an operation on an existing function',
  atMost: 3,
  edits: [
    { place: 'KEYSET_REPLIES', append: 'KeysetKek: z.object({ provider: z.string(), kek_id: z.string() })' },
    {
      place: 'KEYSET_OPERATIONS',
      append: `describeKeysetKek: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/kek',
    function: 'keys',
    grant: 'keysets',
    summary: "Say which KEK a provider's keyset is wrapped under",
    description: 'All versions of a keyset are wrapped under one KEK.',
    reply: KEYSET_REPLIES.KeysetKek,
    example: { reply: { provider: 'openai', kek_id: example.kek_id } },
    handle: async (
      { parameters: { provider } },
      { application }: Runtime<{ readonly describeKeyset: DescribeKeyset }>,
    ) => {
      const { kek_id } = await application.describeKeyset(provider);
      return { status: 200, body: { provider, kek_id } };
    },
  })`,
    },
    {
      file: 'test/integration/wiring/acts.ts',
      words: "  act('describeKeyset', 200),",
      by: "  act('describeKeyset', 200),\n  act('describeKeysetKek', 200),",
    },
    {
      file: 'test/integration/wiring/expected-calls.ts',
      words: "describeKeyset: ['reads now keysets here'],",
      by: "describeKeyset: ['reads now keysets here'],\n    describeKeysetKek: ['reads now keysets here'],",
    },
    {
      file: 'test/unit/http/deployed-api.ts',
      words: 'describeKeyset: false,',
      by: 'describeKeyset: false,\n  describeKeysetKek: false,',
    },
    {
      file: 'test/unit/http/dynamodb-away.test.ts',
      words: "'describeKeyset',",
      by: "'describeKeyset',\n      'describeKeysetKek',",
    },
    // What an upgrade adds and changes is looked at by somebody.
    ...MADE.map((id) => ({ place: `${UPGRADE}#ADDED_BY_CALLS`, append: `'${id}'` })),
    ...['api-home', 'api-replica'].map((stack) => ({
      file: UPGRADE,
      words: `'${stack}': ['apiC8550315', 'auditroleFE9E5A04', 'callersoperatorsauditCF54EB13',`,
      by: `'${stack}': ['apiC8550315', 'auditroleFE9E5A04', 'callersoperatorsauditCF54EB13', 'callersoperatorskeysetsFD937EA2',`,
    })),
    { place: 'test/infra/api/caller-policies.test.ts#OPERATORS.keysets', append: "'describeKeysetKek'" },
  ],
  tests: [
    'test/infra/api/caller-policies.test.ts',
    'test/infra/api/gateway.test.ts',
    UPGRADE,
    'test/integration/wiring.test.ts',
    'test/unit/http',
  ],
  shows: {
    file: 'test/unit/http/keyset-kek.test.ts',
    uses: ['openApiDocument', 'test/unit/http/test-api.ts#bodyOf', 'test/unit/http/test-api.ts#testApi'],
    text: `
test('the call is served, and the OpenAPI document has it', async () => {
  const reply = await testApi().call('keys', { path: '/v1/providers/openai/kek' });
  expect([reply.statusCode, bodyOf(reply)]).toEqual([200, { provider: 'openai', kek_id: 'kek-0123456789abcdef' }]);
  expect(JSON.stringify(openApiDocument('0.1.0'))).toContain('"/v1/providers/{provider}/kek"');
});
`,
  },
};
