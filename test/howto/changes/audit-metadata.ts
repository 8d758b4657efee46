import type { Howto } from '../howto';

/** The type, the row, the reply and the OpenAPI document are all made from this list. */
export const AUDIT_METADATA_MEMBER: Howto = {
  name: 'an audit metadata member',
  atMost: 1,
  edits: [{ place: 'AUDIT_METADATA', append: "/** What a change was made for. */\nticket: 'text'" }],
  tests: [
    'test/contract/dynamodb/audit-log.test.ts',
    'test/unit/audit',
    'test/unit/http/audit.test.ts',
    'test/unit/http/openapi.test.ts',
  ],
  shows: {
    file: 'test/unit/audit/ticket.test.ts',
    uses: [
      'fromAuditItem',
      'newAuditEvent',
      'openApiDocument',
      'toAuditItem',
      'test/contract/audit-events.ts#recordOf',
    ],
    text: `
test('the member is in the row, comes back from it, and is in the reply of the API', () => {
  const event = newAuditEvent({
    id: '0'.repeat(32),
    timestamp: '2026-11-21T09:00:00.000Z',
    event_type: 'config_change',
    success: true,
    region: 'us-east-1',
    request_id: 'request-1',
    metadata: { ticket: 'OPS-1' },
  });
  expect(toAuditItem(recordOf(event), undefined)['metadata']).toEqual({ M: { ticket: { S: 'OPS-1' } } });
  expect(fromAuditItem(toAuditItem(recordOf(event), undefined))).toEqual(event);
  expect(JSON.stringify(openApiDocument('0.1.0'))).toContain('"ticket":{"type":"string"}');
});
`,
  },
};
