import { recordedQuery } from '../../../lambdas/core/audit/recorded-query';
import type { AuditQuery } from '../../../lambdas/core/audit/ports/audit-log';
import { nameFingerprint } from '../../../lambdas/core/crypto/name-fingerprint';
import { caller, World } from '../../doubles/world';

const PERIOD = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T23:59:59.999Z' };
const KEY = 'sk-example-not-a-real-key-0123456789';
const encrypted = { provider: 'openai', plaintext: 'x', context: {} };

async function busyWorld(): Promise<World> {
  const world = new World();
  for (let count = 0; count < 3; count += 1) {
    world.clock.time += 1;
    await world.application.encrypt(caller, encrypted);
  }
  return world;
}

describe('a page of the audit log', () => {
  it('leaves one event: who read which period by which filters, and how many events', async () => {
    const world = await busyWorld();
    const page = await world.application.queryAuditEvents(caller, { ...PERIOD, provider: 'openai', limit: 2 });
    expect(page.events).toHaveLength(2);
    expect(world.audit.events).toHaveLength(4);
    expect(world.audit.events[3]).toMatchObject({
      ...caller,
      event_type: 'audit_read',
      provider: null,
      success: true,
      error_message: null,
      metadata: {
        operation: 'query_audit_events',
        read_from: PERIOD.from,
        read_to: PERIOD.to,
        filters: '{"provider":"openai"}',
        events: 2,
      },
    });
    const { next } = page;
    world.clock.time += 1;
    await world.application.queryAuditEvents(caller, { ...PERIOD, provider: 'openai', limit: 2, before: next! });
    expect(world.audit.events[4]?.metadata).toMatchObject({ read_before: next?.timestamp, events: 1 });
  });

  it('is not in itself and not in its later pages, so that a listing ends; the next listing has it', async () => {
    const world = await busyWorld();
    const readAll = async () => {
      const types: string[] = [];
      let query: AuditQuery = { ...PERIOD, limit: 1 };
      for (let pages = 0; pages < 50; pages += 1) {
        world.clock.time += 1;
        const { events, next } = await world.application.queryAuditEvents(caller, query);
        types.push(...events.map(({ event_type }) => event_type));
        if (next === undefined) return types;
        query = { ...query, before: next };
      }
      throw new Error('the listing does not end');
    };
    expect(await readAll()).toEqual(['encrypt', 'encrypt', 'encrypt']);
    expect(await readAll()).toEqual(['audit_read', 'audit_read', 'audit_read', 'encrypt', 'encrypt', 'encrypt']);
  });

  it('of the reads of the log is found by type, by who read and by operation', async () => {
    const world = await busyWorld();
    await world.application.queryAuditEvents(caller, { ...PERIOD, limit: 10 });
    for (const filter of [
      { event_type: 'audit_read' },
      { event_type: 'audit_read', user_id: caller.user_id },
      { operation: 'query_audit_events', success: true, request_id: caller.request_id },
      { provider: null, event_type: 'audit_read' },
    ] as const) {
      const found = await world.audit.query({ ...PERIOD, ...filter, limit: 10 });
      expect(found.events).toHaveLength(1);
    }
  });

  it('is not returned where its event is not taken, and a failed read is an event, too', async () => {
    const world = await busyWorld();
    world.audit.failFrom = 3;
    const query = { ...PERIOD, limit: 10 };
    await expect(world.application.queryAuditEvents(caller, query)).rejects.toMatchObject({
      code: 'audit_unavailable',
    });
    expect(world.audit.events).toHaveLength(3);
    world.audit.failFrom = Infinity;
    world.audit.query = () => Promise.reject(new Error('the disk is gone'));
    await expect(world.application.queryAuditEvents(caller, query)).rejects.toThrow();
    expect(world.audit.events[3]).toMatchObject({ event_type: 'audit_read', success: false });
    expect(world.audit.events[3]?.metadata).not.toHaveProperty('events');
  });
});

describe('one event', () => {
  it('is found by its id alone, and by its id and its time', async () => {
    const world = await busyWorld();
    const event = world.audit.events[1]!;
    const { id, timestamp } = event;
    await expect(world.application.describeAuditEvent(caller, { id })).resolves.toEqual(event);
    await expect(world.application.describeAuditEvent(caller, { id, timestamp })).resolves.toEqual(event);
    const metadata = { operation: 'describe_audit_event', event_id: id, read_from: timestamp, read_to: timestamp };
    expect(world.audit.events.slice(3)).toMatchObject([
      { event_type: 'audit_read', success: true, metadata: { ...metadata, events: 1 } },
      { event_type: 'audit_read', success: true, metadata: { ...metadata, events: 1 } },
    ]);
  });

  it('of an earlier release is found with its time alone', async () => {
    const world = await busyWorld();
    const older = { ...world.audit.events[1]!, id: 'c0ffee'.padEnd(32, '7') };
    world.audit.events[1] = older;
    const { id, timestamp } = older;
    await expect(world.application.describeAuditEvent(caller, { id, timestamp })).resolves.toEqual(older);
    await expect(world.application.describeAuditEvent(caller, { id })).rejects.toMatchObject({
      code: 'audit_event_not_found',
      message: expect.stringContaining('needs its time'),
    });
    const other = { id, timestamp: '2026-11-21T09:00:00.000Z' };
    await expect(world.application.describeAuditEvent(caller, other)).rejects.toMatchObject({
      code: 'audit_event_not_found',
      message: expect.stringContaining('at this time'),
    });
    const refused = { event_type: 'audit_read', success: false };
    const code = 'audit_event_not_found';
    expect(world.audit.events.slice(4)).toMatchObject([
      // A random id begins with a time that no event can have, or with some time.
      { ...refused, metadata: { code, event_id: id } },
      { ...refused, metadata: { code, event_id: id, read_from: other.timestamp } },
    ]);
  });
});

it('the callers of a version are a read of the log, whose number of events is that of the uses that were read', async () => {
  const world = new World();
  const { ciphertext } = await world.application.encrypt(caller, encrypted);
  await world.application.decrypt(caller, { provider: 'openai', ciphertext, context: {} });
  await world.application.listVersionCallers(caller, { provider: 'openai', version: 1 });
  expect(world.audit.events.at(-1)).toMatchObject({
    event_type: 'audit_read',
    provider: null,
    metadata: { operation: 'list_version_callers', filters: '{"key_version":1,"provider":"openai"}', events: 2 },
  });
  await expect(world.application.listVersionCallers(caller, { provider: 'openai', version: 7 })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  expect(world.audit.events).toHaveLength(3);
});

describe('filters are recorded', () => {
  const filtersOf = (filters: Partial<AuditQuery>): unknown => {
    const { filters: text } = recordedQuery({ ...PERIOD, limit: 5, ...filters });
    return text === undefined ? undefined : JSON.parse(text);
  };
  const role = 'arn:aws:sts::111122223333:assumed-role/search/';

  it.each<[Partial<AuditQuery>, unknown]>([
    [{}, undefined],
    [{ provider: null }, { provider: null }],
    [
      { event_type: 'decrypt', success: false, key_version: 3 },
      { event_type: 'decrypt', success: false, key_version: 3 },
    ],
    [{ user_id: caller.user_id }, { user_id: caller.user_id }],
    [{ user_id: 'keyward:sweep' }, { user_id: 'keyward:sweep' }],
    [{ user_prefix: role }, { user_id: `${role}*` }],
    [{ credential: 'main.v2' }, { credential: 'main.v2' }],
    [{ operation: 'put_credential' }, { operation: 'put_credential' }],
    [{ operation: 'POST /v1/providers/{provider}/encrypt' }, { operation: 'POST /v1/providers/{provider}/encrypt' }],
    [{ request_id: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef' }, { request_id: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef' }],
    [{ request_id: '0'.repeat(32) }, { request_id: '0'.repeat(32) }],
  ])('%j', (filters, expected) => {
    expect(filtersOf(filters)).toEqual(expected);
  });

  it.each<Partial<AuditQuery>>([
    { user_id: `arn:aws:iam::111122223333:user/${KEY}` },
    { user_id: `keyward:${KEY}` },
    { user_id: 'a password: hunter2' },
    { user_id: `arn:${'x'.repeat(800)}` },
    { user_prefix: `${KEY}:x/` },
    { credential: KEY, credential_fingerprint: nameFingerprint(KEY) },
    { request_id: KEY },
    { request_id: 'hunter2' },
    { operation: KEY },
    { operation: 'hunter2' },
    { operation: `GET /v1/${KEY}` },
    { operation: '\ud800' },
  ])('by their fingerprint where no event has them, or they look like a key: %j', (filters) => {
    const recorded = filtersOf(filters) as Record<string, string>;
    expect(Object.values(recorded)).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{8}$/)]);
    expect(JSON.stringify(recorded)).not.toMatch(/sk-|hunter2/);
  });
});
