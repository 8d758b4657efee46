import { signKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import type { KeywardError } from '../../../lambdas/core/errors/errors';
import { wrapNewDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { DekCache } from '../../../lambdas/core/keysets/dek-cache';
import { KeysetDirectory } from '../../../lambdas/core/keysets/keyset-directory';
import { newKeks, testRandomness } from '../../doubles/memory-ports';
import { World } from '../../doubles/world';

const provider = 'openai';

const directoryOf = (world: World, deks = new DekCache(world.clock, world.metrics, 10)): KeysetDirectory =>
  new KeysetDirectory({
    sources: { local: world.local, home: world.home, others: [world.other] },
    secrets: world.secrets,
    deks,
    clock: world.clock,
    randomness: testRandomness,
    metrics: world.metrics,
  });

const code = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'resolved',
    (thrown: unknown) => `${(thrown as KeywardError).code}/${(thrown as KeywardError).reason ?? ''}`,
  );

/** A promise and the way to resolve it. */
const gate = (): { promise: Promise<void>; open: () => void } => {
  let open!: () => void;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
};

describe('freshness', () => {
  test('one read serves 40 seconds; after 50 at the latest it is read again', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.clock.time += 40_000;
    await directory.forSealing(provider);
    expect(world.local.reads).toBe(1);
    world.clock.time += 10_001;
    await directory.forSealing(provider);
    expect(world.local.reads).toBe(2);
    expect(world.home.reads).toBe(0);
  });

  test('a promotion is seen within 60 seconds', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.publish(world.rotated(provider, 'decrypt_only'));
    world.clock.time += 60_000;
    expect((await directory.forSealing(provider)).version).toBe(2);
  });

  test('concurrent first callers share one read', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await Promise.all(Array.from({ length: 20 }, () => directory.forSealing(provider)));
    expect(world.local.reads).toBe(1);
  });

  test('while one caller refreshes, others go on with a copy that is young enough', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.clock.time += 55_000;
    const held = gate();
    world.local.gate = held.promise;
    const refreshing = directory.forSealing(provider);
    await directory.forSealing(provider);
    world.clock.time += 6000;
    const late = directory.forSealing(provider);
    held.open();
    await Promise.all([refreshing, late]);
    expect(world.local.reads).toBe(2);
  });

  test('no region answers: sealing stops after 60 seconds, opening goes on for 24 hours', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.down(true);
    world.clock.time += 59_000;
    await directory.forSealing(provider);
    world.clock.time += 2000;
    expect(await code(directory.forSealing(provider))).toBe('keys_unavailable/metadata_too_old');
    expect((await directory.forOpening(provider, 1)).dek.version).toBe(1);
    world.clock.time += 24 * 3_600_000;
    expect(await code(directory.forOpening(provider, 1))).toBe('keys_unavailable/metadata_too_old');
    world.down(false);
    world.clock.time += 1001;
    await directory.forSealing(provider);
  });

  test('a dead store is asked once a second, not by every request', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.down(true);
    world.clock.time += 61_000;
    const before = world.local.reads;
    for (let call = 0; call < 10; call += 1) await directory.forOpening(provider, 1);
    expect(world.local.reads).toBe(before + 1);
    world.clock.time += 1001;
    const held = gate();
    world.local.gate = held.promise;
    const asking = directory.forOpening(provider, 1);
    await directory.forOpening(provider, 1);
    held.open();
    await asking;
    expect(world.local.reads).toBe(before + 2);
  });

  test('with the local region down the home region answers, then the others', async () => {
    const world = new World();
    const directory = directoryOf(world);
    world.local.down = true;
    await directory.forSealing(provider);
    world.home.down = true;
    world.clock.time += 61_000;
    await directory.forSealing(provider);
    expect(world.other.reads).toBe(1);
  });

  test('a clock that went back makes a copy old, not fresh', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.clock.time -= 3_600_000;
    await directory.forSealing(provider);
    expect(world.local.reads).toBe(2);
    world.down(true);
    world.clock.time -= 3_600_000;
    expect(await code(directory.forSealing(provider))).toBe('keys_unavailable/metadata_too_old');
    expect((await directory.forOpening(provider, 1)).dek.version).toBe(1);
  });

  test('nothing cached and nobody there: keys_unavailable', async () => {
    const world = new World();
    world.down(true);
    expect(await code(directoryOf(world).forOpening(provider, 1))).toBe('keys_unavailable/no_region_answered');
  });
});

describe('what counts as an answer', () => {
  test('a lower revision than one already seen does not, and the higher copy is kept', async () => {
    const world = new World();
    const old = world.keyset(provider);
    world.publish(world.rotated(provider, 'decrypt_only'));
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.publish(old, [world.local, world.other]);
    world.clock.time += 61_000;
    expect((await directory.forSealing(provider)).version).toBe(2);
    expect(world.metrics.of('keyset_lagging')).toBe(1);
    world.publish(old);
    world.clock.time += 61_000;
    expect(await code(directory.forSealing(provider))).toBe('keys_unavailable/metadata_too_old');
    expect((await directory.forOpening(provider, 2)).dek.version).toBe(2);
  });

  test('an edited, swapped or foreign record does not', async () => {
    const world = new World();
    const record = world.keyset(provider);
    const damaged: unknown[] = [
      { ...record, revision: record.revision + 1 },
      world.keyset('google'),
      { ...record, mac: Buffer.alloc(32).toString('base64') },
      'not a record',
    ];
    const directory = directoryOf(world);
    for (const value of damaged) {
      world.local.records.set(provider, value);
      world.clock.time += 61_000;
      const before = world.home.reads;
      expect((await directory.forSealing(provider)).version).toBe(1);
      expect(world.home.reads).toBe(before + 1);
    }
    expect(world.metrics.of('keyset_damaged')).toBe(damaged.length);
  });

  test('a region without the record has not answered', async () => {
    const world = new World();
    world.local.records.delete(provider);
    await directoryOf(world).forSealing(provider);
    expect(world.home.reads).toBe(1);
  });

  test('a record under a KEK that is not known yet makes one refresh of the KEKs', async () => {
    const world = new World();
    const newer = newKeks();
    const both = { ...newer, keks: new Map([...world.keks.keks, ...newer.keks]) };
    const { mac: _mac, ...record } = world.keyset(provider);
    const rewrapped = {
      ...record,
      revision: 2,
      kek_id: newer.primary.id,
      versions: {
        '1': { ...record.versions['1']!, encrypted_dek: wrapNewDek(newer.primary, provider, 1, testRandomness) },
      },
    } as Omit<KeysetRecord, 'mac'>;
    world.publish(signKeyset(rewrapped, newer.primary));
    const directory = directoryOf(world);
    expect(await code(directory.forSealing(provider))).toBe('keys_unavailable/no_region_answered');
    world.secrets.stored = both;
    world.clock.time += 1001;
    expect((await directory.forSealing(provider)).version).toBe(1);
  });

  test('a DEK whose KEK is gone by the time it is unwrapped is out of reach, not lost', async () => {
    const world = new World();
    const directory = directoryOf(world, new DekCache(world.clock, world.metrics, 1));
    await directory.forSealing(provider);
    await directory.forSealing('google');
    world.secrets.stored = newKeks();
    await world.secrets.refresh();
    expect(await code(directory.forSealing(provider))).toBe('keys_unavailable/unknown_kek');
  });
});

describe('a version that the cached keyset lacks', () => {
  test('is found at home while the local region lags', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.publish(world.rotated(provider, 'decrypt_only'), [world.home]);
    expect((await directory.forOpening(provider, 2)).primaryVersion).toBe(2);
  });

  test('is found in the local region without asking home', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.publish(world.rotated(provider, 'decrypt_only'), [world.local]);
    await directory.forOpening(provider, 2);
    expect(world.home.reads).toBe(0);
  });

  test('is neither there nor denied while home does not answer', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.home.down = true;
    expect(await code(directory.forOpening(provider, 9))).toBe('keys_unavailable/unknown_version');
    world.clock.time += 2001;
    world.publish(world.rotated(provider, 'decrypt_only'), [world.other]);
    expect((await directory.forOpening(provider, 2)).dek.version).toBe(2);
  });

  test('costs one refresh however many ask at once', async () => {
    const world = new World({ inHomeRegion: true });
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    const { reads } = world.home;
    await Promise.all(Array.from({ length: 50 }, (_, index) => code(directory.forOpening(provider, 2 + index))));
    expect(world.home.reads).toBe(reads + 1);
  });
});

describe('storing', () => {
  test('reads at home even when the local copy is fresh, and fails where home does not answer', async () => {
    const world = new World();
    const directory = directoryOf(world);
    await directory.forSealing(provider);
    world.publish(world.rotated(provider, 'decrypt_only'), [world.home]);
    expect((await directory.forStoring(provider)).version).toBe(2);
    world.home.down = true;
    expect(await code(directory.forStoring(provider))).toBe('keys_unavailable/no_region_answered');
  });
});

describe('the DEK cache', () => {
  test('holds a DEK for 30 minutes, drops the least recently used, and counts', async () => {
    const world = new World();
    const cache = new DekCache(world.clock, world.metrics, 1);
    const directory = directoryOf(world, cache);
    const first = await directory.forSealing(provider);
    expect(await directory.forSealing(provider)).toBe(first);
    expect(cache.counts).toEqual({ hits: 1, misses: 1 });
    world.clock.time += 30 * 60_000;
    expect(await directory.forSealing(provider)).not.toBe(first);
    await directory.forSealing('google');
    await directory.forSealing(provider);
    expect(cache.counts).toEqual({ hits: 1, misses: 4 });
    expect(world.metrics.of('dek_cache_hit')).toBe(1);
    expect(world.metrics.of('dek_cache_miss')).toBe(4);
  });

  test('a clock that went back does not stretch the 30 minutes', async () => {
    const world = new World();
    const cache = new DekCache(world.clock, world.metrics, 10);
    const load = (): Promise<never> => Promise.reject(new Error('asked'));
    const dek = { provider, version: 1 } as never;
    await cache.get(provider, 1, () => Promise.resolve(dek));
    world.clock.time -= 1;
    await expect(cache.get(provider, 1, load)).rejects.toThrow('asked');
  });

  test('concurrent misses share one load; a failed load is not kept', async () => {
    const world = new World();
    const cache = new DekCache(world.clock, world.metrics, 10);
    let loads = 0;
    const load = (): Promise<never> => {
      loads += 1;
      return Promise.reject(new Error('asked'));
    };
    await Promise.allSettled([cache.get(provider, 1, load), cache.get(provider, 1, load)]);
    expect(loads).toBe(1);
    await Promise.allSettled([cache.get(provider, 1, load)]);
    expect(loads).toBe(2);
  });
});
