import { MAX_LOG_PART_BYTES, MAX_LOG_PATHS_PAGE } from '../../../lambdas/core/contract/limits';
import { publish } from '../../../lambdas/core/transparency/publish';
import { caller, World } from '../../doubles/world';
import { bodyOf, testApi } from './test-api';

const HERE = 'eu-west-1';
const OTHER = 'us-east-1';

/** The operations over the logs of two regions in memory: one with an event, one that was never published. */
async function served() {
  const world = new World();
  const logs = world.publishing([HERE, OTHER]);
  await world.application.encrypt(caller, { provider: 'openai', plaintext: 'x', context: {} });
  logs.archiveAll();
  await publish(logs.of(HERE).publisher());
  const { call } = testApi(world.application);
  const ask = async (path: string, query?: Readonly<Record<string, string>>, body?: object) => {
    const reply = await call('audit', {
      method: body ? 'POST' : 'GET',
      path,
      ...(query && { query }),
      ...(body && { body }),
    });
    return { status: reply.statusCode, ...bodyOf(reply) };
  };
  return { world, log: logs.of(HERE), ask, event: world.audit.events[0]! };
}

const log = '/v1/audit/log';

test('GET /v1/audit/checkpoints shows the note as it is stored, and nulls where nothing was published', async () => {
  const { ask, log: here, world } = await served();
  const { bytes } = here.values.get('checkpoint')!;
  expect(await ask('/v1/audit/checkpoints')).toEqual({
    status: 200,
    archive_days: 400,
    event_days: 90,
    checkpoints: [
      {
        region: HERE,
        origin: '111111111111/keyward/test/eu-west-1',
        size: 1,
        root: bytes.toString().split('\n')[2],
        note: bytes.toString(),
        cosigned_at: new Date(Math.floor(world.clock.now() / 1000) * 1000).toISOString(),
        log_key: expect.stringMatching(/^111111111111\/keyward\/test\/eu-west-1\+[0-9a-f]{8}\+/) as string,
        cosigner_key: expect.stringMatching(/\/cosigner\+[0-9a-f]{8}\+/) as string,
        fault: null,
      },
      {
        ...{ region: OTHER, origin: null, size: null, root: null, note: null, cosigned_at: null, fault: null },
        log_key: expect.any(String) as string,
        cosigner_key: expect.any(String) as string,
      },
    ],
  });
  here.keysFile = undefined;
  world.log = { ...world.log!, logs: { ...world.log!.logs, archiveDays: undefined, eventDays: undefined } };
  const { call } = testApi(world.restart());
  const reply = bodyOf(await call('audit', { path: '/v1/audit/checkpoints' }));
  expect(reply).toMatchObject({ archive_days: null, event_days: null });
  expect(reply['checkpoints']).toMatchObject([{ log_key: null, cosigner_key: null, fault: 'signature_missing' }, {}]);
});

test('GET /v1/audit/events/{id}/proof has proof, entry and line as texts; the line is null without the event', async () => {
  const { ask, event, world } = await served();
  const path = `/v1/audit/events/${event.id}/proof`;
  for (const query of [undefined, { timestamp: event.timestamp }, { region: HERE }]) {
    expect(await ask(path, query)).toMatchObject({
      status: 200,
      event: 'same',
      index: 0,
      proof: expect.stringMatching(/^c2sp\.org\/tlog-proof@v1\nextra \S{44}\nindex 0\n\n/) as string,
      entry: expect.stringContaining(`${event.id} `) as string,
      line: expect.stringContaining(event.id) as string,
    });
  }
  world.audit.events.length = 0;
  expect(await ask(path)).toMatchObject({ status: 200, event: 'gone', line: null });
  expect(await ask('/v1/audit/events/x/proof')).toMatchObject({ status: 404, code: 'audit_event_not_found' });
});

test('GET /v1/audit/log returns objects in parts and lists pages', async () => {
  const { ask, log: here } = await served();
  const { bytes } = here.values.get('checkpoint')!;
  const whole = await ask(log, { path: 'checkpoint' });
  expect(whole).toMatchObject({
    status: 200,
    region: HERE,
    size: bytes.length,
    offset: 0,
    data: bytes.toString('base64'),
  });
  expect(whole).not.toHaveProperty('next_offset');
  here.store.set('tile/0/000', Buffer.alloc(MAX_LOG_PART_BYTES + 1));
  expect(await ask(log, { path: 'tile/0/000' })).toMatchObject({ next_offset: MAX_LOG_PART_BYTES });
  const last = await ask(log, { path: 'tile/0/000', offset: String(MAX_LOG_PART_BYTES), region: HERE });
  expect([last.status, (last as { data?: string }).data]).toEqual([200, 'AA==']);
  const names = Array.from(
    { length: MAX_LOG_PATHS_PAGE + 1 },
    (_, at) => `tile/1/x001/${String(at % 1000).padStart(3, '0')}`,
  );
  for (const name of [...names, 'tile/1/x002/000']) here.store.set(name, Buffer.of());
  const first = await ask(log, { prefix: 'tile/1/' });
  expect(first).toMatchObject({ status: 200, next_after: 'tile/1/x001/999' });
  const next = await ask(log, { prefix: 'tile/1/', after: 'tile/1/x001/999', region: HERE });
  expect(next).toEqual({ status: 200, region: HERE, prefix: 'tile/1/', paths: ['tile/1/x002/000'] });
});

test('a page of GET /v1/audit/log ends with a path of the log, whatever somebody else put beside these', async () => {
  const { ask, log: here } = await served();
  const junk = (count: number): string[] => Array.from({ length: count }, (_, at) => `hand-over/x${1000 + at}`);
  for (const name of ['hand-over/000000000001', ...junk(MAX_LOG_PATHS_PAGE)]) here.store.set(name, Buffer.of());
  const first = await ask(log, { prefix: 'hand-over/' });
  expect(first).toMatchObject({ paths: ['hand-over/000000000001'], next_after: 'hand-over/000000000001' });
  const second = await ask(log, { prefix: 'hand-over/', after: 'hand-over/000000000001' });
  expect(second).toMatchObject({ next_after: `hand-over/x${999 + MAX_LOG_PATHS_PAGE}` });
});

test.each<[Readonly<Record<string, string>>, string]>([
  [{}, 'path or prefix'],
  [{ path: 'checkpoint', prefix: 'tile/' }, 'path or prefix'],
  [{ path: 'checkpoint', after: 'checkpoint' }, 'after'],
  [{ prefix: 'tile/', offset: '1' }, 'offset'],
  [{ prefix: 'tile/', after: 'checkpoint' }, 'after'],
  [{ prefix: 'tile/', after: 'tile/../../kek.json' }, 'after'],
  [{ path: '../kek.json' }, 'path'],
  [{ path: 'log.key' }, 'path'],
  [{ path: 'cosigner.key' }, 'path'],
  [{ path: 'tile/0/000\0' }, 'path'],
  [{ path: '/etc/passwd' }, 'path'],
  [{ prefix: '../' }, 'prefix'],
  [{ prefix: '' }, 'path or prefix'],
  [{ path: 'checkpoint', offset: '-1' }, 'offset'],
  [{ path: 'checkpoint', offset: '9007199254740993' }, 'offset'],
  [{ path: 'checkpoint', region: '../eu-west-1' }, 'region'],
])('the query %j is refused, names the parameter and repeats no value', async (query, name) => {
  const { ask } = await served();
  const reply = await ask(log, query);
  expect(reply).toMatchObject({
    status: 400,
    code: 'invalid_request',
    detail: expect.stringContaining(name) as string,
  });
  expect(JSON.stringify(reply)).not.toMatch(/kek\.json|passwd|log\.key/);
});

test('POST /v1/audit/log publishes, or answers 202 where that takes longer', async () => {
  const { ask, world } = await served();
  expect(await ask(log, undefined, { action: 'publish' })).toEqual({
    ...{ status: 200, region: HERE, finished: true, size: 1, added: 0 },
  });
  expect(await ask(log, undefined, { action: 'publish', region: OTHER })).toMatchObject({ status: 200, size: 0 });
  for (const body of [{}, { action: 'adopt' }, { action: 'publish', path: 'x' }, { action: 'publish', region: '/' }])
    expect(await ask(log, undefined, body)).toMatchObject({ status: 400, code: 'invalid_request' });
  world.log = { ...world.log!, publisher: { publish: () => Promise.resolve(undefined) } };
  const { call } = testApi(world.restart());
  const reply = await call('audit', { method: 'POST', path: log, body: { action: 'publish', region: null } });
  expect([reply.statusCode, bodyOf(reply)]).toEqual([202, { region: HERE, finished: false, size: null, added: null }]);
});
