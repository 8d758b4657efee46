import { signKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import type { KeywardError } from '../../../lambdas/core/errors/errors';
import { DekCache } from '../../../lambdas/core/keysets/dek-cache';
import { KeysetDirectory } from '../../../lambdas/core/keysets/keyset-directory';
import { testRandomness, type MemoryKeysets } from '../../doubles/memory-ports';
import { World } from '../../doubles/world';

const provider = 'openai';
const NONE = 'decryption_failed/unknown_version';
const COME_AGAIN = 'keys_unavailable/unknown_version';

const directoryOf = (world: World): KeysetDirectory =>
  new KeysetDirectory({
    sources: { local: world.local, home: world.home, others: [world.other] },
    secrets: world.secrets,
    deks: new DekCache(world.clock, world.metrics, 10),
    clock: world.clock,
    randomness: testRandomness,
    metrics: world.metrics,
  });

/** A directory that has a keyset, read so long ago that no read of home is recent enough. */
async function begun(world: World): Promise<KeysetDirectory> {
  const directory = directoryOf(world);
  await directory.forSealing(provider);
  world.clock.time += 2_001;
  return directory;
}

const outcome = (run: Promise<{ dek: { version: number } }>): Promise<string> =>
  run.then(
    ({ dek }) => `opened by ${dek.version}`,
    (thrown: unknown) => `${(thrown as KeywardError).code}/${(thrown as KeywardError).reason ?? ''}`,
  );

/** Holds back the answers of a store from now on; each is the store's state at its release. */
function hold(store: MemoryKeysets): { readonly letGo: () => void } {
  let letGo!: () => void;
  store.gate = new Promise((resolve) => (letGo = resolve));
  return {
    letGo: () => {
      store.gate = Promise.resolve();
      letGo();
    },
  };
}

/** Runs everything that needs no answer. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The keyset without the entry of a version, as after an aborted rotation. */
function without(world: World, version: number): KeysetRecord {
  const { mac: _mac, ...record } = world.rotated(provider, 'decrypt_only');
  const { [version]: _aborted, ...versions } = record.versions;
  const first = { ...versions['1']!, state: 'primary' as const };
  return signKeyset(
    { ...record, primary_version: 1, versions: { '1': first }, highest_version: version },
    world.keks.primary,
  );
}

describe.each([
  ['a replica region', {}],
  ['the home region', { inHomeRegion: true }],
])('in %s', (_, where) => {
  test('one read of home denies all made-up numbers for two seconds from its beginning', async () => {
    const world = new World(where);
    const directory = await begun(world);
    const { reads } = world.home;
    for (const version of [9, 8, 3, 2_147_483_647])
      expect(await outcome(directory.forOpening(provider, version))).toBe(NONE);
    expect(world.home.reads).toBe(reads + 1);
    world.clock.time += 2_000;
    expect(await outcome(directory.forOpening(provider, 7))).toBe(NONE);
    expect(world.home.reads).toBe(reads + 1);
    world.clock.time += 1;
    expect(await outcome(directory.forOpening(provider, 7))).toBe(NONE);
    expect(world.home.reads).toBe(reads + 2);
    expect(world.metrics.of('version_unconfirmed')).toBe(0);
  });

  test('made-up numbers that come at once share one read', async () => {
    const world = new World(where);
    const directory = await begun(world);
    const { reads } = world.home;
    const asked = Array.from({ length: 300 }, (_each, index) => outcome(directory.forOpening(provider, 3 + index)));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([NONE]));
    expect(world.home.reads).toBe(reads + 1);
  });

  test('a flood of made-up numbers costs one read of home in two seconds', async () => {
    const world = new World(where);
    const directory = await begun(world);
    const { reads } = world.home;
    for (let call = 0; call < 2_000; call += 1) {
      expect(await outcome(directory.forOpening(provider, 3 + (call % 50)))).toBe(NONE);
      world.clock.time += 10;
    }
    // Half of the twenty seconds' reads at least are not made for the flood: the copy is due to be read again, too.
    expect(world.home.reads - reads).toBeLessThanOrEqual(11);
  });

  test('the next number is looked for anew, five times a second at most', async () => {
    const world = new World(where);
    const directory = await begun(world);
    const { reads } = world.home;
    const before = world.clock.time;
    for (let call = 0; call < 50; call += 1) expect(await outcome(directory.forOpening(provider, 2))).toBe(NONE);
    expect(world.home.reads).toBe(reads + 50);
    expect(world.clock.time - before).toBeGreaterThanOrEqual(49 * 200);
  });

  test('the next number opens as soon as it is there, however short a time ago it was denied', async () => {
    const world = new World(where);
    const directory = await begun(world);
    expect(await outcome(directory.forOpening(provider, 2))).toBe(NONE);
    world.publish(world.rotated(provider, 'decrypt_only'));
    expect(await outcome(directory.forOpening(provider, 2))).toBe('opened by 2');
    expect(await outcome(directory.forOpening(provider, 3))).toBe(NONE);
    expect(await outcome(directory.forOpening(provider, 1))).toBe('opened by 1');
  });

  test('a read that began before the request does not deny the next number', async () => {
    const world = new World(where);
    const directory = await begun(world);
    const { reads } = world.home;
    const store = hold(world.home);
    const early = outcome(directory.forOpening(provider, 9));
    await settle();
    expect(world.home.reads).toBe(reads + 1);
    const late = outcome(directory.forOpening(provider, 2));
    await settle();
    store.letGo();
    expect(await early).toBe(NONE);
    expect(await late).toBe(NONE);
    expect(world.home.reads).toBe(reads + 2);
  });

  test('a version that is promoted while requests for it wait opens for all of them', async () => {
    const world = new World(where);
    const directory = await begun(world);
    const { reads } = world.home;
    const store = hold(world.home);
    const first = outcome(directory.forOpening(provider, 2));
    await settle();
    const waiting = Array.from({ length: 20 }, () => outcome(directory.forOpening(provider, 2)));
    await settle();
    world.publish(world.rotated(provider, 'decrypt_only'));
    store.letGo();
    expect(new Set(await Promise.all([first, ...waiting]))).toEqual(new Set(['opened by 2']));
    expect(world.home.reads).toBeLessThanOrEqual(reads + 2);
  });

  test('an answer from before the promotion does not deny it to who asked after that read began', async () => {
    const world = new World(where);
    const directory = await begun(world);
    const old = world.keyset(provider);
    const read = jest.spyOn(world.home, 'get');
    let letGo!: (record: KeysetRecord) => void;
    read.mockReturnValueOnce(new Promise((resolve) => (letGo = resolve)));
    const early = outcome(directory.forOpening(provider, 2));
    await settle();
    const late = outcome(directory.forOpening(provider, 2));
    await settle();
    world.publish(world.rotated(provider, 'decrypt_only'), [world.home]);
    letGo(old);
    expect(await early).toBe(NONE);
    expect(await late).toBe('opened by 2');
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('64 requests may wait for the next number; the others come again', async () => {
    const world = new World(where);
    const directory = await begun(world);
    const { reads } = world.home;
    const store = hold(world.home);
    const asked = Array.from({ length: 70 }, () => outcome(directory.forOpening(provider, 2)));
    await settle();
    store.letGo();
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((each) => each === NONE)).toHaveLength(64);
    expect(outcomes.filter((each) => each === COME_AGAIN)).toHaveLength(6);
    expect(world.metrics.of('version_unconfirmed')).toBe(6);
    expect(world.home.reads).toBeLessThanOrEqual(reads + 2);
    // An answered caller waits no longer.
    const again = Array.from({ length: 64 }, () => outcome(directory.forOpening(provider, 2)));
    expect(new Set(await Promise.all(again))).toEqual(new Set([NONE]));
  });

  test('numbers that were given up or never were are denied like those beyond', async () => {
    const world = new World(where);
    const directory = await begun(world);
    world.publish(without(world, 2));
    expect(await outcome(directory.forOpening(provider, 2))).toBe(NONE);
    const { reads } = world.home;
    expect(await outcome(directory.forOpening(provider, 2))).toBe(NONE);
    expect(world.home.reads).toBe(reads);
    // The next one is 3, because 2 is never used again.
    expect(await outcome(directory.forOpening(provider, 4))).toBe(NONE);
    expect(world.home.reads).toBe(reads);
    expect(await outcome(directory.forOpening(provider, 3))).toBe(NONE);
    expect(world.home.reads).toBe(reads + 1);
  });

  test('while home does not answer: try again, one look in two seconds, and a count', async () => {
    const world = new World(where);
    const directory = await begun(world);
    world.home.down = true;
    const { reads } = world.home;
    for (const version of [9, 8, 7]) expect(await outcome(directory.forOpening(provider, version))).toBe(COME_AGAIN);
    expect(world.home.reads).toBe(reads + 1);
    expect(world.metrics.of('version_unconfirmed')).toBe(3);
    world.clock.time += 2_001;
    expect(await outcome(directory.forOpening(provider, 9))).toBe(COME_AGAIN);
    expect(world.home.reads).toBe(reads + 2);
    world.home.down = false;
    expect(await outcome(directory.forOpening(provider, 2))).toBe(NONE);
    expect(await outcome(directory.forOpening(provider, 9))).toBe(NONE);
  });

  test('a clock that went back makes no answer hold', async () => {
    const world = new World(where);
    const directory = await begun(world);
    expect(await outcome(directory.forOpening(provider, 9))).toBe(NONE);
    const { reads } = world.home;
    world.clock.time -= 3_600_000;
    expect(await outcome(directory.forOpening(provider, 9))).toBe(NONE);
    expect(await outcome(directory.forOpening(provider, 2))).toBe(NONE);
    expect(world.home.reads).toBeGreaterThan(reads);
    expect(await outcome(directory.forOpening(provider, 8))).toBe(NONE);
  });
});

test('with home down, a version that another region has opens, also one that was asked for during the look', async () => {
  const world = new World();
  const directory = await begun(world);
  world.publish(world.rotated(provider, 'decrypt_only'), [world.other]);
  world.home.down = true;
  const store = hold(world.home);
  const made_up = outcome(directory.forOpening(provider, 9));
  await settle();
  const joined = outcome(directory.forOpening(provider, 2));
  await settle();
  store.letGo();
  expect(await made_up).toBe(COME_AGAIN);
  expect(await joined).toBe('opened by 2');
});

test('a look that ends before home has its turn denies nothing to those who joined it', async () => {
  const world = new World();
  const directory = await begun(world);
  world.publish(world.rotated(provider, 'decrypt_only'), [world.local]);
  const store = hold(world.local);
  const there = outcome(directory.forOpening(provider, 2));
  await settle();
  store.letGo();
  expect(await there).toBe('opened by 2');
  expect(world.home.reads).toBe(0);
  // The home region writes: a lower revision there would be no valid answer.
  world.publish(world.local.records.get(provider) as KeysetRecord);
  const { reads } = world.home;
  expect(await outcome(directory.forOpening(provider, 9))).toBe(NONE);
  expect(world.home.reads).toBe(reads + 1);
});

test('an answer of home that took longer than it holds still answers those who waited for it', async () => {
  const world = new World({ inHomeRegion: true });
  const directory = await begun(world);
  const { reads } = world.home;
  const store = hold(world.home);
  const first = outcome(directory.forOpening(provider, 9));
  await settle();
  const second = outcome(directory.forOpening(provider, 8));
  await settle();
  world.clock.time += 5_000;
  store.letGo();
  expect(await first).toBe(NONE);
  // It began before the second one asked, and is too old by now: that one gets a read of its own.
  expect(await second).toBe(NONE);
  expect(world.home.reads).toBe(reads + 2);
});

test('a read at home for another purpose answers too', async () => {
  const world = new World();
  const directory = await begun(world);
  await directory.forStoring(provider);
  const { reads } = world.home;
  expect(await outcome(directory.forOpening(provider, 9))).toBe(NONE);
  expect(world.home.reads).toBe(reads);
});

test('each provider has answers of its own', async () => {
  const world = new World();
  const directory = await begun(world);
  expect(await outcome(directory.forOpening(provider, 9))).toBe(NONE);
  const { reads } = world.home;
  expect(await outcome(directory.forOpening('google', 9))).toBe(NONE);
  expect(world.home.reads).toBe(reads + 1);
});
