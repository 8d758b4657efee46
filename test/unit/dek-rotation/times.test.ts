import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import { newKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { createCloseIntents } from '../../../lambdas/core/audit/close-intents';
import { createListVersionCallers } from '../../../lambdas/core/audit/version-callers';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { testRandomness } from '../../doubles/memory-ports';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

/** Each time to the millisecond, as a separate number: a change in the product needs one here, too. */

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const phasesOf = (events: readonly AuditEvent[]) =>
  events.flatMap(({ metadata: { phase, outcome } }) => outcome ?? phase ?? []);

/** How long each event of the next change takes to be durable, or only the first. */
function slowly(world: DekRotationWorld, ms: number): void {
  const append = world.audit.append.bind(world.audit);
  let isFirst = true;
  world.audit.append = async (event) => {
    if (isFirst) world.clock.time += ms;
    isFirst = false;
    await append(event);
  };
}

describe('what was decided and could not be put on record in time is decided anew', () => {
  const put = (world: DekRotationWorld) =>
    world.application.putCredential(caller, { provider: 'openai', name: 'n', api_key: 'k', metadata: { a: 'b' } });
  const change = (world: DekRotationWorld) =>
    world.use.changePolicy(caller, { provider: 'openai', enabled: true, interval_days: 30, grace_period_days: 2 });

  test.each([
    ['a credential after 60 seconds', put, 60 * SECOND_MS],
    ['a keyset after 10 seconds', change, 10 * SECOND_MS],
  ])('%s', async (_, run, most) => {
    const inTime = new DekRotationWorld();
    slowly(inTime, most);
    await run(inTime);
    expect(phasesOf(inTime.audit.events)).toEqual(['intent', 'written']);
    const late = new DekRotationWorld();
    slowly(late, most + 1);
    await run(late);
    expect(phasesOf(late.audit.events)).toEqual(['intent', 'refused', 'intent', 'written']);
  });
});

describe('a rotation that waits for a region', () => {
  const waiting = async () => {
    const world = new DekRotationWorld();
    world.provers[2]!.down = true;
    await world.rotate();
    return world;
  };

  test('is an alarm from ten minutes on', async () => {
    const world = await waiting();
    world.clock.time += 10 * MINUTE_MS - 1;
    await world.use.advance('openai');
    expect(world.metrics.of('region_unproved')).toBe(0);
    world.clock.time += 1;
    await world.use.advance('openai');
    expect(world.metrics.of('region_unproved')).toBe(1);
  });

  test('is looked at by messages for an hour, at most a quarter of an hour apart, and then by the sweep alone', async () => {
    const world = await waiting();
    expect(await world.use.advance('openai')).toBe(10);
    world.clock.time += 2 * MINUTE_MS;
    expect(await world.use.advance('openai')).toBe(30);
    world.clock.time += HOUR_MS - 2 * MINUTE_MS - 1;
    expect(await world.use.advance('openai')).toBe(900);
    world.clock.time += 1;
    expect(await world.use.advance('openai')).toBeUndefined();
  });
});

test('a shard that has not moved for 20 minutes is asked for again', async () => {
  const world = new DekRotationWorld();
  await world.rotate();
  world.clock.time += 82 * SECOND_MS;
  await world.use.advance('openai');
  expect(world.queue.take().filter(({ message }) => message.kind === 'rekey')).toHaveLength(16);
  world.clock.time += 20 * MINUTE_MS;
  await world.use.advance('openai');
  expect(world.queue.take()).toEqual([]);
  world.clock.time += 1;
  await world.use.advance('openai');
  expect(world.queue.take()).toHaveLength(16);
});

test('a version is promoted 82 seconds after it was published', async () => {
  const world = new DekRotationWorld();
  await world.rotate();
  world.clock.time += 82 * SECOND_MS - 1;
  await world.use.advance('openai');
  expect(world.keyset('openai').primary_version).toBe(1);
  world.clock.time += 1;
  await world.use.advance('openai');
  expect(world.keyset('openai').primary_version).toBe(2);
});

test('a shard is verified two minutes after the promotion: 60 for a sealed value, 40 for a copy, 20 to be seen', async () => {
  const world = new DekRotationWorld();
  await world.rotate();
  world.clock.time += 82 * SECOND_MS;
  await world.use.advance('openai');
  const { message } = world.queue.take().find(({ message: each }) => each.kind === 'rekey')!;
  expect(await world.hand(message)).toBe(120);
  world.clock.time += 120 * SECOND_MS - 1;
  expect(await world.hand(message)).toBe(1);
  world.clock.time += 1;
  expect(await world.hand(message)).toBeUndefined();
});

test('an Idempotency-Key is remembered for 24 hours', async () => {
  const world = new DekRotationWorld();
  const rotate = () => world.rotate({ idempotency_key: 'once' });
  const first = await rotate();
  await world.use.abortRotation(caller, { provider: 'openai', rotation_id: first });
  world.clock.time += 24 * HOUR_MS - 1;
  expect(await rotate()).toBe(first);
  world.clock.time += 2;
  expect(await rotate()).not.toBe(first);
});

describe('closing intents', () => {
  const closing = (find: (from: string, to: string) => void) => {
    const world = new DekRotationWorld();
    const close = createCloseIntents({
      intents: {
        find: (_, from, to) => {
          find(from, to);
          return Promise.resolve([]);
        },
      },
      keysets: world.home,
      credentials: world.credentials,
      store: world.rotations,
      trail: new AuditTrail({
        sink: world.audit,
        clock: world.clock,
        randomness: testRandomness,
        metrics: world.metrics,
        region: 'us-east-1',
      }),
      clock: world.clock,
    });
    return { world, close: () => close(caller, []) };
  };
  const at = (ms: number) => new Date(ms).toISOString();

  /** The windows of one run after a pause, in minutes; each takes this long. */
  const windowsAfter = async (pauseMs: number, tookMs: number) => {
    const windows: number[] = [];
    const starts: number[] = [];
    const { world, close } = closing((from, to) => {
      windows.push((Date.parse(to) - Date.parse(from)) / MINUTE_MS);
      starts.push(Date.parse(from));
      world.clock.time += tookMs;
    });
    await world.rotations.noteIntentsClosedTo(at(world.clock.time));
    world.clock.time += pauseMs;
    await close();
    return { windows, first: starts[0], start: world.clock.time };
  };

  test('leaves alone what is younger than 15 minutes, and looks at the last two hours again', async () => {
    const spans: [number, number][] = [];
    const { world, close } = closing((from, to) => spans.push([Date.parse(from), Date.parse(to)]));
    const closedTo = world.clock.time;
    await world.rotations.noteIntentsClosedTo(at(closedTo));
    world.clock.time += HOUR_MS;
    await close();
    expect(spans[0]![0]).toBe(closedTo - 2 * HOUR_MS);
    expect(spans.at(-1)![1]).toBe(world.clock.time - 15 * MINUTE_MS);
  });

  test('makes up for a pause in windows that double from an hour to a week while they are quick', async () => {
    const { windows } = await windowsAfter(60 * DAY_MS, 10);
    const hours = windows.map((minutes) => minutes / 60);
    expect(hours.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 168, 168, 168]);
  });

  test('halves them to a quarter of an hour where one takes five seconds', async () => {
    const quick = await windowsAfter(10 * DAY_MS, 5 * SECOND_MS - 1);
    expect(quick.windows.slice(0, 3)).toEqual([60, 120, 240]);
    const slow = await windowsAfter(10 * DAY_MS, 5 * SECOND_MS);
    expect(slow.windows.slice(0, 4)).toEqual([60, 30, 15, 15]);
  });

  test('leaves the rest to the next round after three minutes', async () => {
    expect((await windowsAfter(10 * DAY_MS, 60 * SECOND_MS)).windows).toHaveLength(3);
    expect((await windowsAfter(10 * DAY_MS, 60 * SECOND_MS - 1)).windows).toHaveLength(4);
  });
});

test('who still presents a version is searched for ten seconds', async () => {
  const world = new DekRotationWorld();
  const pagesIn = async (took: number) => {
    let pages = 0;
    const query = () => {
      pages += 1;
      world.clock.time += took;
      return Promise.resolve({ events: [], next: { timestamp: at0, id: '0' } });
    };
    const list = createListVersionCallers({
      keysets: world.local,
      audit: { query },
      trail: world.trail,
      clock: world.clock,
    });
    expect(await list(caller, { provider: 'openai', version: 1 })).toMatchObject({ complete: false });
    return pages;
  };
  const at0 = new Date(0).toISOString();
  expect(await pagesIn(5 * SECOND_MS)).toBe(2);
  expect(await pagesIn(5 * SECOND_MS - 1)).toBe(3);
});

test('the sweep asks for the KEK rotation that was missed five days after it was due', async () => {
  const world = new DekRotationWorld();
  const value = serializeKekSecret(newKekSecretRecord(testRandomness, world.clock.time));
  let starts = 0;
  const { sweep } = world.compose({
    kek: {
      secret: { region: 'us-east-1', current: () => Promise.resolve({ versionId: 'v1', value }) },
      rotation: {
        start: () => {
          starts += 1;
          return Promise.resolve();
        },
      },
      rewrapDeks: () => Promise.resolve('done' as const),
      intervalDays: 30,
    },
  });
  world.clock.time += 35 * DAY_MS;
  await sweep();
  expect(starts).toBe(0);
  world.clock.time += 1;
  await sweep();
  expect(starts).toBe(1);
});
