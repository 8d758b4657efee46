import type { CredentialRecord } from '../../../lambdas/core/credentials/credential';
import { credentialShard, credentialShardAt } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { caller } from '../../doubles/world';
import { failureOf } from '../keysets/failure-of';
import { DAY_MS, UndoWorld } from './undo-world';

const provider = 'openai';
const SHARD = 3;

/** The first names of one shard. */
const namesInShard = (count: number): string[] =>
  Array.from({ length: 20 * (count + 10) }, (_, at) => `name-${String(at).padStart(6, '0')}`)
    .filter((name) => credentialShard(provider, name) === credentialShardAt(provider, SHARD))
    .slice(0, count);

/** Credentials of one shard, each with a previous value. */
async function filled(count: number, page = 200) {
  const world = new UndoWorld();
  const names = namesInShard(count);
  expect(names).toHaveLength(count);
  for (const name of names) {
    for (const api_key of ['first-example', 'second-example']) {
      await world.application.putCredential(caller, { provider, name, api_key, metadata: {} });
    }
  }
  const { expirePrevious } = world.compose({ rekeyPage: page, rekeyConcurrency: 1 });
  const expire = (after?: string, deadline = Infinity) => expirePrevious({ provider, shard: SHARD, after }, deadline);
  const row = (name: string) => world.credentials.rows.get(`${provider}/${name}`) as CredentialRecord;
  const set = (name: string, change: object) =>
    world.credentials.rows.set(`${provider}/${name}`, { ...row(name), ...change });
  return { world, names, expire, row, set };
}

const events = (world: UndoWorld) =>
  world.audit.events.filter(({ metadata }) => metadata.operation === 'expire_previous_values');

test('erases at the time that is shown, and not a millisecond before; nothing else of a row changes but its write', async () => {
  const { world, names, expire, row } = await filled(1);
  const [name] = names as [string];
  const before = row(name);
  world.clock.time += 30 * DAY_MS - 1;
  expect(await expire()).toBeUndefined();
  expect(row(name)).toStrictEqual(before);
  expect(events(world)).toStrictEqual([]);
  world.clock.time += 1;
  expect(await expire()).toBeUndefined();
  const { previous: _, ...rest } = before;
  expect(row(name)).toStrictEqual({ ...rest, write_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
  expect(row(name).write_id).not.toBe(before.write_id);
  expect(await expire()).toBeUndefined();
  expect(events(world)).toHaveLength(2);
});

test('leaves a tombstone alone, but for its value', async () => {
  const { world, names, expire } = await filled(1);
  await world.application.deleteCredential(caller, { provider, name: names[0]! });
  world.clock.time += 30 * DAY_MS;
  await expire();
  expect(world.credentials.rows.get(`${provider}/${names[0]!}`)).toStrictEqual({
    provider,
    name: names[0],
    revision: 3,
    write_id: expect.any(String) as string,
    deleted_at: '2026-11-21T09:00:00.000Z',
  });
});

test('is on record once a page: which names, and how many; the ids of the rows are those of the page', async () => {
  const { world, names, expire, row } = await filled(5, 2);
  world.clock.time += 30 * DAY_MS;
  await expire();
  const outcomes = events(world).filter(({ metadata }) => metadata.phase === 'outcome');
  expect(outcomes.map(({ metadata }) => [metadata.first_credential, metadata.last_credential, metadata.moved])).toEqual(
    [
      [names[0], names[1], 2],
      [names[2], names[3], 2],
      [names[4], names[4], 1],
    ],
  );
  for (const [index, { event_type, user_id, success, metadata }] of outcomes.entries()) {
    expect({ event_type, user_id, success }).toEqual({
      event_type: 'config_change',
      user_id: 'keyward:expiry',
      success: true,
    });
    expect(metadata).toMatchObject({ outcome: 'written', shard: SHARD, skipped: 0, previous_value: 'expired' });
    const page = names.slice(2 * index, 2 * index + 2);
    for (const [at, name] of page.entries()) expect(row(name).write_id).toBe(`${metadata.write_id!}000${at}`);
  }
  expect(events(world)).toHaveLength(6);
});

test('stops between two pages once its time is up, and goes on there', async () => {
  const { world, names, expire, row } = await filled(5, 2);
  world.clock.time += 30 * DAY_MS;
  const rest = await expire(undefined, 0);
  expect(rest).toStrictEqual({ provider, shard: SHARD, after: names[1] });
  expect(names.map((name) => row(name).previous === undefined)).toEqual([true, true, false, false, false]);
  expect(await expire(rest!.after)).toBeUndefined();
  expect(names.every((name) => row(name).previous === undefined)).toBe(true);
});

test('leaves a value that is fresh since it was read, and says that it was skipped', async () => {
  const { world, names, expire, row } = await filled(3);
  world.clock.time += 30 * DAY_MS;
  const put = world.credentials.put.bind(world.credentials);
  world.credentials.put = async (record, read) => {
    world.credentials.put = put;
    await world.application.putCredential(caller, { provider, name: names[1]!, api_key: 'third-example' });
    return put(record, read);
  };
  await expire();
  expect(names.map((name) => row(name).previous?.key_version)).toEqual([undefined, 1, undefined]);
  expect(row(names[1]!)).toMatchObject({ revision: 3, previous: { revision: 2 } });
  expect(events(world).at(-1)?.metadata).toMatchObject({ credentials: 3, moved: 2, skipped: 1 });
});

test('is not held up by values and rows that are damaged', async () => {
  const { world, names, expire, row, set } = await filled(5);
  const { write_id: _, revision, previous, ...members } = row(names[1]!);
  const place = { provider, damaged: true, key_version: 0, row: members };
  set(names[0]!, { previous: { damaged: true, key_version: 1, stored: 'edited' } });
  world.credentials.rows.set(`${provider}/${names[1]!}`, { ...place, name: names[1], previous } as never);
  world.credentials.rows.set(`${provider}/${names[2]!}`, { ...place, name: names[2], revision, previous } as never);
  world.credentials.rows.set(`${provider}/${names[3]!}`, {
    ...place,
    name: names[3],
    write_id: row(names[3]!).write_id,
    previous,
  } as never);
  world.clock.time += 31 * DAY_MS;
  expect(await expire()).toBeUndefined();
  // Nothing read from the second can be named.
  expect(names.map((name) => row(name).previous !== undefined)).toEqual([true, true, false, false, false]);
  expect(events(world).at(-1)?.metadata).toMatchObject({ moved: 3, skipped: 0 });
});

test('comes again where it is not known whether a page was written', async () => {
  const { world, expire } = await filled(2);
  world.clock.time += 30 * DAY_MS;
  world.credentials.beforePut = () => 'unknown';
  expect((await failureOf(expire())).code).toBe('store_unavailable');
  expect(events(world).at(-1)?.metadata).toMatchObject({ outcome: 'unknown' });
  world.credentials.beforePut = () => undefined;
  expect(await expire()).toBeUndefined();
});

test('erases nothing while nothing can be put on record', async () => {
  const { world, names, expire, row } = await filled(1);
  world.clock.time += 30 * DAY_MS;
  world.audit.down = true;
  expect((await failureOf(expire())).code).toBe('audit_unavailable');
  expect(row(names[0]!).previous).toBeDefined();
});

test('by a message, which is sent on where its time was up', async () => {
  const { world, names, row } = await filled(3);
  world.clock.time += 30 * DAY_MS;
  const { serveMessage } = world.compose({ rekeyPage: 1 });
  world.queue.take();
  let message: Parameters<typeof serveMessage>[0] = { kind: 'expire', provider, shard: SHARD };
  for (const name of names) {
    await serveMessage(message, 0);
    expect(row(name).previous).toBeUndefined();
    const [sent] = world.queue.take();
    message = sent?.message ?? message;
    expect(sent?.message).toEqual({ kind: 'expire', provider, shard: SHARD, after: name });
  }
  await serveMessage(message, 0);
  expect(world.queue.take()).toEqual([]);
});

describe('the sweep', () => {
  /** The shards that are read at these times. */
  async function shardsAt(times: readonly number[]): Promise<number[][]> {
    const world = new UndoWorld();
    const shards: number[][] = [];
    for (const time of times) {
      world.clock.time = time;
      world.queue.take();
      await world.use.sweep();
      const asked = world.queue.take().flatMap(({ message }) => (message.kind === 'expire' ? [message] : []));
      expect(asked.map((each) => each.provider).sort()).toEqual(['google', 'openai']);
      shards.push([...new Set(asked.map(({ shard }) => shard))]);
    }
    return shards;
  }
  const HOUR_MS = 3_600_000;
  const MIDNIGHT = Date.parse('2026-11-22T00:00:00.000Z');

  test.each([0, 7, 15, 23])(
    'asks for one shard an hour, of each provider; for all within 31 hours from %i on',
    async (hour) => {
      const times = Array.from({ length: 31 }, (_, at) => MIDNIGHT + (hour + at) * HOUR_MS);
      const shards = await shardsAt(times);
      expect(shards.every((each) => each.length === 1)).toBe(true);
      expect(new Set(shards.flat()).size).toBe(16);
    },
  );

  test.each([0, 8, 13])('asks for all within 16 days where it runs once a day, at %i', async (hour) => {
    const times = Array.from({ length: 16 }, (_, at) => MIDNIGHT + at * DAY_MS + hour * HOUR_MS);
    expect(new Set((await shardsAt(times)).flat()).size).toBe(16);
  });
});
