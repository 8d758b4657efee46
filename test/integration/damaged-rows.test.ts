import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { createAuditLog } from '../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { AUDIT_DIRECTORY, LOCAL_TABLES } from '../../local/local-names';
import { auditEvent, recordOf } from '../contract/audit-events';
import { EFFORT } from '../effort';
import { answered } from '../reply-body';
import { byTurns } from '../turn';
import { until } from '../until';
import { openLocalWorld, type LocalReply, type LocalWorld } from './local/local-composition';

type Item = Record<string, AttributeValue>;

let home: string;
let world: LocalWorld;
let rotationId: string;

const CREDENTIALS = '/v1/providers/openai/credentials';
const NAMES = ['a-first', 'target', 'z-last'];
const API_KEY = 'sk-example-not-a-real-key';
/** The days within which the effort of 1 puts every kind into every attribute; `npm run test:long` does it at once. */
const TURNS = 10;
/** Where so many are looked at once all are. */
const leastOf = (all: number): number => {
  if (EFFORT >= TURNS) return all;
  return EFFORT >= 1 ? all / (2 * TURNS) : 0;
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyward-damaged-'));
  world = await openLocalWorld(home);
  await world.composition.startWork();
  for (const name of NAMES) {
    const stored = { api_key: API_KEY, metadata: { team: 'search', n: 1.5 } };
    answered(await world.call('PUT', `${CREDENTIALS}/${name}`, stored));
  }
  const started = await world.call('POST', '/v1/providers/openai/rotate', { emergency: true, reason: 'a test' });
  rotationId = String(started.body['rotation_id']);
  await until(
    'the rotation has verified a shard',
    () => world.call('GET', `/v1/providers/openai/rotations/${rotationId}`),
    ({ status, body }) =>
      status === 200 && (body['counts'] as { shards_verified?: number } | undefined)?.shards_verified !== undefined,
  );
  // From now on only this test writes.
  await world.composition.stopWork();
});

afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

/** The replacements of an attribute; undefined removes it. */
const KINDS: Readonly<Record<string, AttributeValue | undefined>> = {
  missing: undefined,
  null: { NULL: true },
  'a number': { N: '7' },
  'a fraction': { N: '1.5' },
  'a negative number': { N: '-1' },
  'a number that no double holds': { N: '12345678901234567890123456789012345678' },
  'a flag': { BOOL: true },
  binary: { B: Uint8Array.of(1, 2) },
  'an empty text': { S: '' },
  'another text': { S: 'something else' },
  'a huge text': { S: 'x'.repeat(150_000) },
  'an odd time': { S: '+275760-09-13T00:00:00.000Z' },
  'an empty list': { L: [] },
  'a list': { L: [{ S: 'a' }, { N: '1' }] },
  'an empty map': { M: {} },
  'a map': { M: { a: { M: { b: { L: [{ NULL: true }] } } } } },
  'a set': { SS: ['a', 'b'] },
};

const client = (): DynamoDBClient => world.dynamodb;

/** The path of every attribute of an item and of the maps in it. */
function pathsOf(item: Item, keys: readonly string[], prefix: readonly string[] = []): string[][] {
  return Object.entries(item)
    .filter(([name]) => prefix.length > 0 || !keys.includes(name))
    .flatMap(([name, value]) => {
      const path = [...prefix, name];
      return [path, ...(value.M === undefined || path.length > 3 ? [] : pathsOf(value.M, keys, path))];
    });
}

function edited(item: Item, [name = '', ...rest]: readonly string[], value: AttributeValue | undefined): Item {
  const { [name]: before, ...others } = item;
  if (rest.length > 0) return { ...others, [name]: { M: edited(before?.M ?? {}, rest, value) } };
  return value === undefined ? others : { ...others, [name]: value };
}

/**
 * Puts every kind in place of every attribute, one at a time, looks, and puts the row back. A kind that the table itself does
 * not take (an index has types) cannot come about.
 */
async function eachDamage(
  table: string,
  find: (item: Item) => boolean,
  keys: readonly string[],
  look: (what: string, path: readonly string[], value: AttributeValue | undefined) => Promise<void>,
): Promise<number> {
  const { Items = [] } = await client().send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  const original = Items.find(find) as Item;
  const put = (Item: Item) => client().send(new PutItemCommand({ TableName: table, Item }));
  let looks = 0;
  const all = pathsOf(original, keys).flatMap((path) =>
    Object.entries(KINDS).map(([kind, value]) => ({ path, kind, value })),
  );
  for (const { path, kind, value } of byTurns(all, Math.ceil(all.length / TURNS))) {
    const isTaken = await put(edited(original, path, value)).then(
      () => true,
      (thrown: unknown) => {
        expect((thrown as Error).name).toBe('ValidationException');
        return false;
      },
    );
    if (!isTaken) continue;
    await look(`${path.join('.')}: ${kind}`, path, value);
    looks += 1;
  }
  await put(original);
  return looks;
}

const codeOf = ({ status, body }: LocalReply): string | number => (status < 300 ? status : String(body['code']));

test('a credential: shown or named as damaged, revealed or credential_damaged, replaced, and no other is taken along', async () => {
  const path = `${CREDENTIALS}/target`;
  const looks = await eachDamage(
    LOCAL_TABLES.credentials,
    (item) => item['name']?.S === 'target',
    ['provider_shard', 'name'],
    async (what, [attribute]) => {
      const told = {
        what,
        describe: codeOf(await world.call('GET', path)),
        reveal: codeOf(await world.call('POST', `${path}/reveal`)),
      };
      const isDeleted = told.describe === 'credential_not_found';
      expect({
        ...told,
        isTold: [200, 'credential_damaged', 'credential_not_found'].includes(told.describe),
      }).toMatchObject({ isTold: true });
      expect({
        ...told,
        isTold: [200, 'credential_damaged', 'credential_not_found'].includes(told.reveal),
      }).toMatchObject({ isTold: true });
      if (attribute === 'ciphertext') expect(told).toEqual({ what, describe: 200, reveal: 'credential_damaged' });

      for (const query of ['', '?limit=1']) {
        const names: unknown[] = [];
        let next = query;
        for (;;) {
          const { status, body } = await world.call('GET', CREDENTIALS + next);
          expect({ what, status }).toEqual({ what, status: 200 });
          names.push(...(body['credentials'] as { name: string }[]).map(({ name }) => name));
          names.push(...((body['damaged'] ?? []) as string[]));
          if (body['next_cursor'] === undefined) break;
          next = `${query === '' ? '?' : `${query}&`}cursor=${body['next_cursor'] as string}`;
        }
        expect({ what, names: names.sort() }).toEqual({ what, names: isDeleted ? ['a-first', 'z-last'] : NAMES });
      }
      const dryRun = await world.call('POST', '/v1/providers/openai/rotate', { dry_run: true });
      expect({ what, status: dryRun.status }).toEqual({ what, status: 200 });
      if (told.reveal === 'credential_damaged') expect(dryRun.body['undecryptable']).toEqual(['target']);
    },
  );
  expect(looks).toBeGreaterThan(leastOf(120));
});

test('a damaged credential can be replaced and deleted as long as its revision is known; otherwise that is told', async () => {
  const path = `${CREDENTIALS}/target`;
  const again = { api_key: API_KEY, metadata: { team: 'search', n: 1.5 } };
  for (const attribute of ['ciphertext', 'hint', 'write_id', 'created_at', 'metadata', 'provider']) {
    for (const kind of ['missing', 'a list', 'a number']) {
      const { Items = [] } = await client().send(
        new ScanCommand({ TableName: LOCAL_TABLES.credentials, ConsistentRead: true }),
      );
      const item = Items.find(({ name }) => name?.S === 'target') as Item;
      await client().send(
        new PutItemCommand({ TableName: LOCAL_TABLES.credentials, Item: edited(item, [attribute], KINDS[kind]) }),
      );
      const before = Number(item['revision']?.N);
      const replaced = await world.call('PUT', path, again, { 'if-match': `"${before}"` });
      expect({ attribute, kind, status: replaced.status, revision: replaced.body['revision'] }).toEqual({
        attribute,
        kind,
        status: 200,
        revision: before + 1,
      });
      expect((await world.call('POST', `${path}/reveal`)).body['api_key']).toBe(API_KEY);
    }
  }
  const { Items = [] } = await client().send(
    new ScanCommand({ TableName: LOCAL_TABLES.credentials, ConsistentRead: true }),
  );
  const item = Items.find(({ name }) => name?.S === 'target') as Item;
  for (const kind of ['missing', 'another text', 'a number that no double holds', 'a fraction']) {
    await client().send(
      new PutItemCommand({ TableName: LOCAL_TABLES.credentials, Item: edited(item, ['revision'], KINDS[kind]) }),
    );
    expect(codeOf(await world.call('PUT', path, again))).toBe('credential_damaged');
    expect(codeOf(await world.call('DELETE', path))).toBe('credential_damaged');
  }
  await client().send(
    new PutItemCommand({ TableName: LOCAL_TABLES.credentials, Item: edited(item, ['hint'], { L: [] }) }),
  );
  expect(codeOf(await world.call('DELETE', path))).toBe(204);
  expect(codeOf(await world.call('GET', path))).toBe('credential_not_found');
  answered(await world.call('PUT', path, again));
});

test('a keyset: shown, or 503 keys_unavailable, and the others are listed all the same', async () => {
  const looks = await eachDamage(
    LOCAL_TABLES.keysets,
    (item) => item['provider']?.S === 'openai',
    ['provider'],
    async (what) => {
      const shown = codeOf(await world.call('GET', '/v1/providers/openai'));
      expect({ what, isTold: [200, 'keys_unavailable'].includes(shown), shown }).toMatchObject({ isTold: true });
      const list = await world.call('GET', '/v1/providers');
      const providers = (list.body['providers'] as { provider: string }[] | undefined)?.map(({ provider }) => provider);
      expect({ what, status: list.status, providers, damaged: list.body['damaged'] }).toEqual({
        what,
        status: 200,
        providers: shown === 200 ? ['openai', 'anthropic'] : ['anthropic'],
        damaged: shown === 200 ? undefined : ['openai'],
      });
      const callers = codeOf(await world.call('GET', '/v1/providers/openai/versions/1/callers'));
      expect({
        what,
        callers,
        isTold: [200, 'keys_unavailable', 'invalid_request'].includes(callers as string),
      }).toMatchObject({ isTold: true });
    },
  );
  expect(looks).toBeGreaterThan(leastOf(300));
});

test('an audit event: marked where something is lost, in its place, and the page goes on', async () => {
  // As an older data directory has them, in a table; what this release writes is in the journal.
  const older = createAuditLog({
    client: client(),
    table: LOCAL_TABLES.audit,
    providers: ['openai'],
    clock: world.clock,
  });
  const change = { operation: 'put_credential', credential: 'target', write_id: 'w', revision: 1 };
  for (const phase of ['intent', 'outcome'] as const) {
    const timestamp = new Date(world.clock.now() - 1_000).toISOString();
    await older.append(recordOf(auditEvent({ timestamp, event_type: 'encrypt', metadata: { ...change, phase } })));
  }
  // As of a release before the journal; and nobody starts the work that would take them over.
  await rm(join(home, AUDIT_DIRECTORY, 'takeover.json'));
  await world.close();
  world = await openLocalWorld(home);
  const period = `limit=500&provider=openai&to=${new Date(world.clock.now() - 1).toISOString()}`;
  const before = await world.call('GET', `/v1/audit/events?${period}`);
  const ids = (before.body['events'] as { id: string }[]).map(({ id }) => id);
  const { Items = [] } = await client().send(new ScanCommand({ TableName: LOCAL_TABLES.audit, ConsistentRead: true }));
  const chosen = Items.find(
    (item) => item['metadata']?.M?.['phase']?.S === 'outcome' && item['metadata'].M['credential'],
  );
  const intent = (item: Item): boolean => item['event_key']?.S === chosen?.['event_key']?.S;
  const { request_id: requestId, metadata } = chosen as Item;
  const searches = {
    request_id: String(requestId?.S),
    credential: String(metadata?.M?.['credential']?.S),
    operation: String(metadata?.M?.['operation']?.S),
  };
  const found = async (name: string, value: string): Promise<string[]> => {
    const { status, body } = await world.call('GET', `/v1/audit/events?${period}&${name}=${value}`);
    expect({ name, status }).toEqual({ name, status: 200 });
    return (body['events'] as { id: string }[]).map(({ id }) => id);
  };
  const foundBefore = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(searches)) foundBefore.set(name, await found(name, value));
  expect([...foundBefore.values()].every((each) => each.length > 0)).toBe(true);
  const looks = await eachDamage(LOCAL_TABLES.audit, intent, ['bucket', 'event_key'], async (what, path, value) => {
    const page = await world.call('GET', `/v1/audit/events?${period}`);
    expect({ what, status: page.status }).toEqual({ what, status: 200 });
    const events = page.body['events'] as { id: string; damaged?: boolean }[];
    expect(events.map(({ id }) => id)).toEqual(ids);
    const isUnlike =
      value !== undefined &&
      value.S === undefined &&
      value.N === undefined &&
      value.BOOL === undefined &&
      value.M === undefined;
    if (isUnlike && path.length === 1)
      expect({ what, marked: events.filter(({ damaged }) => damaged).length }).toEqual({ what, marked: 1 });
    const callers = codeOf(await world.call('GET', '/v1/providers/openai/versions/1/callers'));
    expect({ what, callers }).toEqual({ what, callers: 200 });
    // An edited event is still found by its remaining members, and hides no other.
    for (const [name, value] of Object.entries(searches)) {
      const isLost = path.at(-1) === name || (name !== 'request_id' && path.length === 1 && path[0] === 'metadata');
      const expected = (foundBefore.get(name) ?? []).filter((id) => !isLost || !chosen?.['event_key']?.S?.endsWith(id));
      expect({ what, name, ids: await found(name, value) }).toEqual({ what, name, ids: expected });
    }
  });
  expect(looks).toBeGreaterThan(leastOf(150));
});

test('the report of a rotation and its shards: shown, or rotation_damaged, and the list goes on', async () => {
  const path = '/v1/providers/openai/rotations';
  const scopes = [
    (item: Item) => item['item']?.S === rotationId,
    (item: Item) => item['rotation_id']?.S === rotationId && item['shard'] !== undefined,
  ];
  for (const find of scopes) {
    const looks = await eachDamage(LOCAL_TABLES.rotations, find, ['scope', 'item'], async (what) => {
      const shown = codeOf(await world.call('GET', `${path}/${rotationId}`));
      expect({ what, shown, isTold: [200, 'rotation_damaged'].includes(shown) }).toMatchObject({ isTold: true });
      const list = await world.call('GET', path);
      const ids = (list.body['rotations'] as { rotation_id: string }[] | undefined)?.map(({ rotation_id: id }) => id);
      expect({ what, status: list.status, ids, damaged: list.body['damaged'] }).toEqual({
        what,
        status: 200,
        ids: shown === 200 ? [rotationId] : [],
        damaged: shown === 200 ? undefined : [rotationId],
      });
    });
    expect(looks).toBeGreaterThan(leastOf(150));
  }
});

test('nothing that was looked at was an unexpected error, and the rows are as they were', async () => {
  expect(world.logger.lines.filter(({ fields }) => fields?.code === 'internal')).toEqual([]);
  const { Item } = await client().send(
    new GetItemCommand({ TableName: LOCAL_TABLES.keysets, Key: { provider: { S: 'openai' } }, ConsistentRead: true }),
  );
  expect(Item).toBeDefined();
  const sealed = await world.call('POST', '/v1/providers/openai/encrypt', { plaintext: API_KEY });
  expect(sealed.status).toBe(200);
}, 120_000);
