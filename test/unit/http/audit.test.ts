import { AUDIT_FIELDS, AUDIT_METADATA } from '../../../lambdas/core/audit/audit-event';
import type { AuditPage, AuditQuery } from '../../../lambdas/core/audit/ports/audit-log';
import { EXAMPLES } from './examples';
import { bodyOf, testApi } from './test-api';

const path = '/v1/audit/events';
const { events } = EXAMPLES.queryAuditEvents.reply as { events: AuditPage['events'] };
const next = { timestamp: '2026-11-20T00:00:00.000Z', id: '0'.repeat(32) };

function auditApi() {
  const queries: AuditQuery[] = [];
  const { call } = testApi({
    queryAuditEvents: async (_, query) => {
      queries.push(query);
      return { events, next };
    },
  });
  return {
    queries,
    ask: (query: Readonly<Record<string, string>>) => call('audit', { path, query }),
  };
}

describe('reading the audit log', () => {
  it.each<[Record<string, string>, Partial<AuditQuery>]>([
    [{}, { from: '2026-11-14T12:00:00.000Z', to: '2026-11-21T12:00:00.000Z' }],
    [{ to: '2026-01-08T00:00:00Z' }, { from: '2026-01-01T00:00:00.000Z', to: '2026-01-08T00:00:00.000Z' }],
    [{ to: '1970-01-02T00:00:00.125Z' }, { from: '1970-01-01T00:00:00.000Z', to: '1970-01-02T00:00:00.125Z' }],
    [{ from: '2026-11-21T12:00:00Z' }, { from: '2026-11-21T12:00:00.000Z', to: '2026-11-21T12:00:00.000Z' }],
    [
      { from: '2026-11-20', to: '2026-11-21' },
      { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' },
    ],
    [
      { from: '2026-11-20T10:00:00.123999+02:00', to: '2026-11-20T10:00:00.123001 02:00' },
      { from: '2026-11-20T08:00:00.123Z', to: '2026-11-20T08:00:00.124Z' },
    ],
  ])('with %j asks for %j', async (query, period) => {
    const { queries, ask } = auditApi();
    const reply = await ask(query);
    expect(reply.statusCode).toBe(200);
    expect(bodyOf(reply)['events']).toStrictEqual(events);
    expect(queries).toStrictEqual([{ ...period, limit: 50 }]);
  });

  it.each(['2026-11-22T12:00:00.001Z', '2027-06-01', '9999-12-31T23:59:59.999999Z'])(
    'with an end in the future, %s, begins where the newest event can be, and 7 days before now',
    async (to) => {
      const { queries, ask } = auditApi();
      const cursor = String(bodyOf(await ask({ to }))['next_cursor']);
      expect((await ask({ to, cursor })).statusCode).toBe(200);
      const newest = { timestamp: '2026-11-22T12:00:00.000Z', id: '0'.repeat(32) };
      const from = '2026-11-14T12:00:00.000Z';
      expect(queries).toMatchObject([
        { from, before: newest, limit: 50 },
        { from, before: next, limit: 50 },
      ]);
      await ask({ from, to: '2026-11-22T12:00:00.000Z' });
      expect(queries[2]).toStrictEqual({ from, to: '2026-11-22T12:00:00.000Z', limit: 50 });
    },
  );

  it('shows every member that an event may have', async () => {
    const samples: Record<string, unknown> = { text: 'x', time: '2026-11-21T08:00:00.000Z', count: 3, flag: false };
    const sampleOf = (kind: string | readonly string[]) => (typeof kind === 'string' ? samples[kind] : kind[0]);
    const fields = Object.entries(AUDIT_FIELDS).map(([name, { kind }]) => [name, sampleOf(kind)]);
    const metadata = Object.entries(AUDIT_METADATA).map(([name, kind]) => [name, sampleOf(kind)]);
    const event: unknown = { ...Object.fromEntries(fields), metadata: Object.fromEntries(metadata), damaged: true };
    const { call } = testApi({ queryAuditEvents: async () => ({ events: [event as never] }) });
    expect(bodyOf(await call('audit', { path }))['events']).toStrictEqual([event]);
    const edited = { ...(event as object), event_type: 'a type of a newer release', metadata: { phase: 'another' } };
    const newer = testApi({ queryAuditEvents: async () => ({ events: [edited as never] }) });
    expect(bodyOf(await newer.call('audit', { path }))['events']).toStrictEqual([edited]);
  });

  it('hands every filter on', async () => {
    const { queries, ask } = auditApi();
    const filters = { provider: 'retired', user_id: 'arn:aws:iam::111122223333:user/a', event_type: 'decrypt' };
    const about = { credential: 'main.v2', request_id: 'a b', operation: 'GET /v1/providers/{provider}' };
    await ask({ ...filters, ...about, success: 'false', key_version: '3', limit: '500' });
    expect(queries[0]).toMatchObject({ ...filters, ...about, success: false, key_version: 3, limit: 500 });
    const { fingerprint, ...keyShaped } = { credential: 'sk-example-not-a-real-key', fingerprint: 'sha256:bf2b742f' };
    await ask(keyShaped);
    expect(queries.pop()).toMatchObject({ ...keyShaped, credential_fingerprint: fingerprint });
    await ask({ user_id: 'arn:aws:sts::111122223333:assumed-role/search/*' });
    const sessions = queries.pop();
    expect(sessions).toMatchObject({ user_prefix: 'arn:aws:sts::111122223333:assumed-role/search/' });
    expect(sessions).not.toHaveProperty('user_id');
    await ask({ credential: 'sha256:0123abcd' });
    expect(queries[1]).toMatchObject({ credential: 'sha256:0123abcd' });
  });

  it('keeps the period of the first page', async () => {
    const { queries, ask } = auditApi();
    const first = bodyOf(await ask({ provider: 'openai', to: '2026-11-20T12:00:00Z' }));
    const cursor = String(first['next_cursor']);
    await ask({ provider: 'openai', cursor, limit: '10' });
    await ask({ provider: 'openai', cursor, to: '2026-11-20T12:00:00Z', from: '2026-11-13T12:00:00Z' });
    await ask({ provider: 'openai', cursor, to: '2026-11-20T14:00:00+02:00', from: '2026-11-13t12:00:00.0009z' });
    const period = { from: '2026-11-13T12:00:00.000Z', to: '2026-11-20T12:00:00.000Z' };
    expect(queries.slice(1)).toStrictEqual([
      { ...period, provider: 'openai', limit: 10, before: next },
      { ...period, provider: 'openai', limit: 50, before: next },
      { ...period, provider: 'openai', limit: 50, before: next },
    ]);
  });

  it.each([
    { provider: 'anthropic' },
    { provider: 'openai', success: 'true' },
    { provider: 'openai', key_version: '1' },
    { provider: 'openai', credential: 'main' },
    { provider: 'openai', request_id: 'r' },
    { provider: 'openai', operation: 'decrypt' },
    { provider: 'openai', from: '2026-11-14T12:00:00.001Z' },
    { provider: 'openai', to: '2026-11-21T11:59:59Z' },
    {},
  ])('refuses a cursor with other filters: %j', async (query) => {
    const { queries, ask } = auditApi();
    const cursor = String(bodyOf(await ask({ provider: 'openai' }))['next_cursor']);
    const reply = await ask({ ...query, cursor });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([400, 'cursor: does not belong to this query']);
    expect(queries).toHaveLength(1);
  });

  it('refuses a cursor whose place is outside of its period', async () => {
    const { ask } = auditApi();
    const cursor = String(bodyOf(await ask({}))['next_cursor']);
    const value = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as object;
    for (const timestamp of ['2026-11-14T11:59:59.999Z', '2026-11-21T12:00:00.001Z']) {
      const moved = Buffer.from(JSON.stringify({ ...value, timestamp })).toString('base64url');
      expect((await ask({ cursor: moved })).statusCode).toBe(400);
    }
  });

  it('ends without a cursor', async () => {
    const reply = await testApi({ queryAuditEvents: async () => ({ events: [] }) }).call('audit', { path });
    expect(bodyOf(reply)).toStrictEqual({ events: [] });
  });

  it('shows events of a type that this release does not know', async () => {
    const later = { ...events[0]!, event_type: 'later' as never, metadata: {} };
    const reply = await testApi({ queryAuditEvents: async () => ({ events: [later] }) }).call('audit', { path });
    expect(bodyOf(reply)).toStrictEqual({ events: [later] });
  });
});

describe('reading one event', () => {
  it.each(['0'.repeat(31), '0'.repeat(33), 'F'.repeat(32), 'latest'])(
    'knows no event %s, and does not ask for one',
    async (id) => {
      const { call } = testApi();
      const reply = await call('audit', { path: `${path}/${id}` });
      expect([reply.statusCode, bodyOf(reply)['code']]).toEqual([404, 'audit_event_not_found']);
    },
  );
});

describe('recording the hash of a pack', () => {
  const pack = EXAMPLES.recordEvidence.request as Readonly<Record<string, unknown>>;
  const record = (body: object) => testApi().call('audit', { method: 'POST', path: '/v1/audit/evidence', body });

  it('answers with the place of its event', async () => {
    const reply = await record(pack);
    expect(reply.statusCode).toBe(200);
    expect(bodyOf(reply)).toStrictEqual(EXAMPLES.recordEvidence.reply);
  });

  it.each([
    [{ manifest_sha256: 'A'.repeat(64) }, 'manifest_sha256: is not valid'],
    [{ manifest_sha256: 'a checkpoint that is forged' }, 'manifest_sha256: is not valid'],
    [{ from: '2026-01-01' }, 'from: must be a time in UTC with milliseconds'],
    [{ from: '2027-01-01T00:00:00.000Z' }, 'from: must not be after to'],
    [{ events: -1 }, 'events: '],
    [{ text: 'x' }, ''],
  ])('refuses %j: no text of a caller gets into the log', async (change, detail) => {
    const reply = await record({ ...pack, ...change });
    expect([reply.statusCode, bodyOf(reply)['code']]).toEqual([400, 'invalid_request']);
    expect(bodyOf(reply)['detail']).toContain(detail);
  });
});
