import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';
import { runs } from '../../effort';
import { answered } from '../../reply-body';
import { openLocalWorld, type LocalWorld } from './local-composition';

let home: string;
let world: LocalWorld;
let rotationId: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyward-queries-'));
  world = await openLocalWorld(home);
  for (const name of ['a', 'b', 'c']) {
    answered(await world.call('PUT', `/v1/providers/openai/credentials/${name}`, { api_key: `sk-example-${name}` }));
  }
  const started = await world.call('POST', '/v1/providers/openai/rotate', { emergency: true });
  rotationId = String(started.body['rotation_id']);
});

afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

const ODD_TIMES = [
  '0000-01-01T00:00:00.000Z',
  '0001-01-01T00:00:00.000Z',
  '0999-12-31T23:59:59.999Z',
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.000Z',
  '2026-02-30T00:00:00.000Z',
  '2026-11-21T24:00:00.000Z',
  '2026-11-21T23:59:60.000Z',
  '9999-12-31T23:59:59.999Z',
  '10000-01-01T00:00:00.000Z',
  '+010000-01-01T00:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
  '+275760-09-13T00:00:00.001Z',
  '-000001-01-01T00:00:00.000Z',
  '-271821-04-20T00:00:00.000Z',
];

/** Accepted in a query but not in a cursor, whose times have one form only. */
const QUERY_TIMES = [
  '2026-11-21',
  '2026-11-21T00:00:00.1234567+05:30',
  '2026-11-21T00:00:00 02:00',
  '2016-12-31T23:59:60Z',
  '9999-12-31T23:59:59.9999Z',
  '0070-01-01',
];

const ODD_TEXTS = [
  ...ODD_TIMES,
  ...QUERY_TIMES,
  '',
  '0',
  '-0',
  '-1',
  '1e3',
  '1.5',
  'NaN',
  'Infinity',
  '9007199254740993',
  '99999999999999999999999',
  'null',
  'true',
  'TRUE',
  '__proto__',
  'constructor',
  '../a',
  'openai',
  'google',
  '\u0000',
  '\ufeff',
  '\ud800',
  '😀',
  '9'.repeat(500),
  'g'.repeat(32),
  '0'.repeat(32),
  'f'.repeat(32),
];

/** A query in JSON may have any value; so may a cursor's contents. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(...ODD_TEXTS) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(0, -0, -1, 1.5, 1e21, 2 ** 53, 1e308, null, true, [], {}, [[[[]]]]),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

const CURSORS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  audit: {
    from: '2026-11-14T00:00:00.000Z',
    to: '2026-11-21T00:00:00.000Z',
    filters: '44136fa355b3678a',
    timestamp: '2026-11-20T00:00:00.000Z',
    id: '0'.repeat(32),
  },
  credential: { after: 'a' },
  rotation: { before: 'f'.repeat(32) },
  dryRun: { shard: 0, after: 'a' },
};

const toCursor = (value: unknown): string =>
  Buffer.from(JSON.stringify(value).replace(/"(1e400|-1e400|12345678901234567890)"/g, '$1')).toString('base64url');

/** A possible cursor of Keyward, with up to three members changed, or one added. */
const cursor = fc
  .tuple(
    fc.constantFrom(...Object.values(CURSORS)),
    fc.array(
      fc.tuple(
        fc.constantFrom('from', 'to', 'filters', 'timestamp', 'id', 'after', 'before', 'shard', 'more', '__proto__'),
        fc.oneof(odd, fc.constantFrom<unknown>('1e400', '-1e400', '12345678901234567890')),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([whole, edits]) => {
    const edited = Object.entries(whole).filter(([name]) => !edits.some(([other]) => other === name));
    const members = [...edited, ...edits].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    return toCursor(JSON.parse(`{${members.join(',')}}`));
  });

const anyCursor = fc.oneof(
  { weight: 6, arbitrary: cursor },
  { weight: 1, arbitrary: odd.map((value) => toCursor(value ?? null)) },
  { weight: 1, arbitrary: odd.map(String) },
  { weight: 1, arbitrary: fc.constant(toCursor(JSON.parse('['.repeat(120) + ']'.repeat(120)))) },
);

const PATHS: Readonly<Record<string, string>> = { provider: 'openai', name: 'a', version: '1' };
const READS = (Object.entries(OPERATIONS) as [OperationId, Operation][]).filter(([, route]) => route.method === 'GET');
const PARAMETERS = [
  ...[
    'from',
    'to',
    'provider',
    'user_id',
    'event_type',
    'success',
    'key_version',
    'credential',
    'request_id',
    'operation',
  ],
  ...['limit', 'consistent'],
];

const isTold = (status: number): boolean => [200, 400, 404].includes(status);

test('no query of any call is a failure of the server: it is answered, or refused as the caller’s', async () => {
  const parameter = fc.oneof(
    fc.constantFrom<[string, string]>(
      ['limit', '2'],
      ['consistent', 'true'],
      ['event_type', 'rotate'],
      ['success', 'true'],
    ),
    fc.tuple(fc.constantFrom(...PARAMETERS, '__proto__', 'more'), odd.map(String)),
    fc.tuple(fc.constant('cursor'), anyCursor),
  );
  const seen: Record<number, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...READS),
      fc.array(parameter, { minLength: 1, maxLength: 3 }),
      async ([operation, route], parameters) => {
        const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => PATHS[name] ?? rotationId);
        const query = new URLSearchParams(parameters).toString();
        const { status, body } = await world.call(route.method, `${path}?${query}`);
        seen[status] = (seen[status] ?? 0) + 1;
        if (!isTold(status)) throw new Error(`${operation} ${query}: ${status} ${JSON.stringify(body)}`);
      },
    ),
    // A few runs may not include a query that is answered.
    { numRuns: runs(600), examples: READS.map((read) => [read, [['limit', '2']]]) },
  );
  expect(seen[200]).toBeGreaterThan(0);
  expect(seen[400]).toBeGreaterThan(runs(600) / 6);
});

test.each(ODD_TIMES.flatMap((time) => ['from', 'to', 'timestamp'].map((member) => [member, time])))(
  'a cursor of the audit log whose %s is %s is refused, or answered where the year is one from 1970 to 9999',
  async (member, time) => {
    const value = { ...CURSORS['audit'], [member]: time };
    const { status } = await world.call('GET', `/v1/audit/events?cursor=${toCursor(value)}`);
    expect(status).toBe(/^(1970|9999)-/.test(time) && member !== 'timestamp' && isOrdered(value) ? 200 : 400);
  },
);

const isOrdered = ({ from, to, timestamp }: Readonly<Record<string, unknown>>): boolean =>
  String(from) <= String(timestamp) && String(timestamp) <= String(to);

test('the whole time that there is can be paged through from either end', async () => {
  const period = 'from=1970-01-01T00:00:00Z&to=9999-12-31T23:59:59.999Z&limit=1';
  const first = await world.call('GET', `/v1/audit/events?${period}`);
  expect(first.status).toBe(200);
  const cursor = String(first.body['next_cursor']);
  expect((await world.call('GET', `/v1/audit/events?${period}&cursor=${cursor}`)).status).toBe(200);
  const oldest = await world.call('GET', '/v1/audit/events?to=1970-01-01T00:00:00Z');
  expect(oldest).toMatchObject({ status: 200, body: { events: [] } });
});

test('a made-up cursor of a dry run is refused, or counts from there', async () => {
  await fc.assert(
    fc.asyncProperty(anyCursor, async (text) => {
      const { status } = await world.call('POST', '/v1/providers/openai/rotate', { dry_run: true, cursor: text });
      expect([200, 400]).toContain(status);
    }),
    { numRuns: runs(100) },
  );
});

test('If-Match: * holds for everybody who changes one credential at the same time', async () => {
  const path = '/v1/providers/openai/credentials/contended';
  answered(await world.call('PUT', path, { api_key: 'sk-example-first' }));
  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      world.call('PUT', path, { api_key: `sk-example-${index}` }, { 'if-match': '*' }),
    ),
  );
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
  expect(new Set(replies.map(({ body }) => body['revision']))).toEqual(new Set([2, 3, 4, 5, 6, 7, 8, 9]));
});
