import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openKekFile } from '../../../lambdas/adapters/local/kek-file';
import { SecretsManagerSecretsProvider } from '../../../lambdas/adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { newKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { nextKekSecret } from '../../../lambdas/core/kek-rotation/next-kek-secret';
import { DekCache } from '../../../lambdas/core/keysets/dek-cache';
import { KeysetDirectory } from '../../../lambdas/core/keysets/keyset-directory';
import { CountingMetrics, TEST_START, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { World } from '../../doubles/world';

/**
 * What is kept in memory is as old as its load, however often it is used: each cache is asked all the time, and loads again
 * when its time is over, neither before nor after.
 */

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Asks every `everyMs` from now on, for so long as it says yes.
 *
 * @returns how long that was, as the clock has it
 */
async function asksUntil(clock: TestClock, everyMs: number, isOver: () => Promise<boolean>): Promise<number> {
  const start = clock.time;
  for (let asked = 0; asked < 10_000; asked += 1) {
    clock.time += everyMs;
    if (await isOver()) return clock.time - start;
  }
  throw new Error('it never came to an end');
}

test('an unwrapped DEK: 30 minutes', async () => {
  const clock = new TestClock();
  const cache = new DekCache(clock, new CountingMetrics(), 10);
  let loads = 0;
  const get = () =>
    cache.get('openai', 1, async () => {
      loads += 1;
      return { provider: 'openai', version: 1 } as never;
    });
  await get();
  const isLoaded = (before: number) => async () => {
    await get();
    return loads > before;
  };
  expect(await asksUntil(clock, SECOND_MS, isLoaded(1))).toBe(30 * MINUTE_MS);
  expect(await asksUntil(clock, 7 * MINUTE_MS, isLoaded(2))).toBe(35 * MINUTE_MS);
});

/** Jitter is a byte of randomness; none, all, and half of it. */
const noJitter = { ...testRandomness, publicBytes: (size: number) => Buffer.alloc(size, 0) };
const allJitter = { ...testRandomness, publicBytes: (size: number) => Buffer.alloc(size, 0xff) };

const directoryOf = (world: World, randomness = testRandomness) =>
  new KeysetDirectory({
    sources: { local: world.local, home: world.home, others: [world.other] },
    secrets: world.secrets,
    deks: new DekCache(world.clock, world.metrics, 10),
    clock: world.clock,
    randomness,
    metrics: world.metrics,
  });

test.each([
  ['from 40 seconds on', noJitter, 40_000, 40_000],
  ['at 50 seconds', allJitter, 50_000, 50_000],
  ['somewhere between', testRandomness, 40_000, 50_000],
] as const)('the metadata of a keyset is read again %s', async (_, randomness, least, most) => {
  const world = new World();
  const directory = directoryOf(world, randomness);
  await directory.forSealing('openai');
  for (let round = 1; round <= 3; round += 1) {
    const age = await asksUntil(world.clock, 10, async () => {
      await (round % 2 === 0 ? directory.forSealing('openai') : directory.forOpening('openai', 1));
      return world.local.reads > round;
    });
    expect(age - 10).toBeGreaterThanOrEqual(least);
    expect(age - 10).toBeLessThanOrEqual(most);
  }
});

test('the metadata of a keyset seals for 60 seconds and opens for 24 hours where no region answers', async () => {
  const world = new World();
  const directory = directoryOf(world);
  await directory.forSealing('openai');
  const readAt = world.clock.time;
  world.down(true);
  const fails = (run: () => Promise<unknown>) => async () =>
    run().then(
      () => false,
      () => true,
    );
  await asksUntil(
    world.clock,
    SECOND_MS,
    fails(() => directory.forSealing('openai')),
  );
  expect(world.clock.time - readAt).toBe(61 * SECOND_MS);
  await asksUntil(
    world.clock,
    MINUTE_MS,
    fails(() => directory.forOpening('openai', 1)),
  );
  expect(world.clock.time - readAt).toBeGreaterThan(24 * HOUR_MS);
  expect(world.clock.time - readAt).toBeLessThanOrEqual(24 * HOUR_MS + MINUTE_MS);
});

test('no region answers: the dead ones are asked once a second', async () => {
  const world = new World();
  const directory = directoryOf(world);
  await directory.forSealing('openai');
  world.down(true);
  world.clock.time += 61 * SECOND_MS;
  await directory.forOpening('openai', 1);
  const before = world.local.reads;
  const pause = await asksUntil(world.clock, 10, async () => {
    await directory.forOpening('openai', 1);
    return world.local.reads > before;
  });
  expect(pause).toBe(1010);
});

test("home's denial of a version: 2 seconds from the beginning of the read", async () => {
  const world = new World();
  const directory = directoryOf(world);
  await directory.forSealing('openai');
  const denied = () => directory.forOpening('openai', 9).catch((thrown: unknown) => thrown);
  await denied();
  const before = world.home.reads;
  const age = await asksUntil(world.clock, 100, async () => {
    await denied();
    return world.home.reads > before;
  });
  expect(age).toBe(2100);
});

test('the next version may come at any moment: it is looked for every 200 milliseconds', async () => {
  const world = new World();
  const directory = directoryOf(world);
  await directory.forSealing('openai');
  const start = world.clock.time;
  for (let asked = 0; asked < 4; asked += 1) {
    await directory.forOpening('openai', 2).catch((thrown: unknown) => thrown);
    expect([asked, world.clock.time - start]).toEqual([asked, asked * 200]);
  }
  expect(world.home.reads).toBe(4);
});

test('the KEK file: read again after a minute, and served for 24 hours while it cannot be', async () => {
  const clock = new TestClock();
  const path = join(mkdtempSync(join(tmpdir(), 'keyward-kek-')), 'kek.json');
  const write = (text: string) => {
    writeFileSync(path, text, { mode: 0o600 });
  };
  const record = newKekSecretRecord(testRandomness, TEST_START);
  write(serializeKekSecret(record));
  const secrets = await openKekFile({ path, clock, randomness: testRandomness, inUse: async () => new Set() });
  const first = (await secrets.current()).primary.id;
  write(serializeKekSecret(nextKekSecret(record, 'v1', undefined, TEST_START, testRandomness)));
  const readAgain = await asksUntil(clock, 10 * SECOND_MS, async () => {
    return (await secrets.current()).primary.id !== first;
  });
  expect(readAgain).toBe(MINUTE_MS);
  write('damaged');
  const served = await asksUntil(clock, MINUTE_MS, () =>
    secrets.current().then(
      () => false,
      () => true,
    ),
  );
  expect(served).toBeGreaterThan(24 * HOUR_MS);
  expect(served).toBeLessThanOrEqual(24 * HOUR_MS + 2 * MINUTE_MS);
});

test('the KEK of Secrets Manager: read again after 5 minutes, every 15 seconds while it cannot be, served for 24 hours', async () => {
  const clock = new TestClock();
  const text = serializeKekSecret(newKekSecretRecord(testRandomness, TEST_START));
  let reads = 0;
  let down = false;
  const client = {
    send: async () => {
      reads += 1;
      if (down) throw new Error('away');
      return { SecretString: text, VersionId: 'v1' };
    },
  } as unknown as SecretsManagerClient;
  const secrets = new SecretsManagerSecretsProvider({
    secretId: 'keyward/kek',
    regions: [{ region: 'us-east-1', client }],
    clock,
    metrics: new CountingMetrics(),
    logger: new RecordingLogger(),
  });
  const isRead = (before: number) => async () => {
    await secrets.current();
    return reads > before;
  };
  await secrets.current();
  expect(await asksUntil(clock, SECOND_MS, isRead(1))).toBe(5 * MINUTE_MS);
  expect(await asksUntil(clock, SECOND_MS, isRead(2))).toBe(5 * MINUTE_MS);
  const confirmedAt = clock.time;
  down = true;
  expect(await asksUntil(clock, SECOND_MS, isRead(3))).toBe(5 * MINUTE_MS);
  expect(await asksUntil(clock, SECOND_MS, isRead(4))).toBe(15 * SECOND_MS);
  await asksUntil(clock, MINUTE_MS, () =>
    secrets.current().then(
      () => false,
      () => true,
    ),
  );
  expect(clock.time - confirmedAt).toBeGreaterThanOrEqual(24 * HOUR_MS);
  expect(clock.time - confirmedAt).toBeLessThanOrEqual(24 * HOUR_MS + MINUTE_MS);
  // Without a copy: a second.
  const before = reads;
  const retried = await asksUntil(clock, 100, async () => {
    await secrets.current().catch(() => undefined);
    return reads > before;
  });
  expect(retried).toBe(SECOND_MS);
});
