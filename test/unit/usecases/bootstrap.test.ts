import { newKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/domain/kek-keyset';
import { createBootstrap } from '../../../lambdas/core/usecases/bootstrap';
import type { KeysetStatus } from '../../../lambdas/core/usecases/ensure-keysets';
import { CountingMetrics, TEST_START, TestClock, testRandomness } from '../../doubles/memory-ports';
import { failureOf } from './failure-of';

const PLACEHOLDER = '{"schema":1}';
const KEK = serializeKekSecret(newKekSecretRecord(testRandomness, TEST_START));
const unreachable = new Error('no answer');

/** `values`: what the secret holds at each read; the last one stays. */
function setUp(values: readonly (string | Error)[], statuses: readonly KeysetStatus['status'][] = ['ready']) {
  const clock = new TestClock();
  const metrics = new CountingMetrics();
  const starts: number[] = [];
  const ensured: string[] = [];
  let reads = 0;
  const world = { clock, metrics, starts, ensured, startFails: false, reads: () => reads };
  const run = createBootstrap({
    secret: {
      region: 'us-east-1',
      current: async () => {
        const value = values[Math.min(reads, values.length - 1)] ?? '';
        reads += 1;
        if (value instanceof Error) throw value;
        return { versionId: 'v', value };
      },
    },
    rotation: {
      start: async () => {
        starts.push(clock.now() - TEST_START);
        if (world.startFails) throw unreachable;
      },
    },
    ensureKeysets: async (providers, user) => {
      const status = statuses[Math.min(ensured.length, statuses.length - 1)]!;
      ensured.push(user);
      return providers.map((provider) => ({ provider, status: provider === 'google' ? 'ready' : status }));
    },
    providers: ['openai', 'google'],
    clock,
    metrics,
  });
  return Object.assign(world, { run });
}

test('with a KEK nothing is rotated, and every provider gets its keyset', async () => {
  const world = setUp([KEK], ['created']);
  expect(await world.run()).toEqual([
    { provider: 'openai', status: 'created' },
    { provider: 'google', status: 'ready' },
  ]);
  expect(world.starts).toEqual([]);
  expect(world.ensured).toEqual(['keyward:bootstrap']);
});

test('the placeholder starts one rotation, and the first KEK is waited for', async () => {
  const world = setUp([PLACEHOLDER, PLACEHOLDER, unreachable, KEK]);
  await world.run();
  expect(world.starts).toEqual([0]);
  expect(world.reads()).toBe(4);
});

test('a secret that does not answer rotates nothing', async () => {
  const world = setUp([unreachable, unreachable, KEK]);
  await world.run();
  expect(world.starts).toEqual([]);
});

test.each([false, true])(
  'a rotation that brings no KEK is asked for each minute, and for ten (fails: %s)',
  async (fails) => {
    const world = setUp([PLACEHOLDER]);
    world.startFails = fails;
    expect(await failureOf(world.run())).toMatchObject({
      code: 'keys_unavailable',
      message: expect.stringContaining('ten minutes'),
    });
    expect(world.starts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((minute) => minute * 60_000));
    expect(world.clock.now() - TEST_START).toBe(600_000);
    expect(world.metrics.of('bootstrap_failed')).toBe(1);
    expect(world.ensured).toEqual([]);
  },
);

test('a secret that is damaged is not rotated over', async () => {
  const world = setUp(['{"schema":1,"keys":7}']);
  expect(await failureOf(world.run())).toMatchObject({ reason: 'kek_damaged' });
  expect([world.starts, world.ensured]).toEqual([[], []]);
});

test('what could not be told is tried again', async () => {
  const world = setUp([KEK], ['failed', 'failed', 'ready']);
  expect(await world.run()).toMatchObject([{ status: 'ready' }, { status: 'ready' }]);
  expect(world.ensured).toHaveLength(3);
});

test.each([
  ['lost', 1, 0],
  ['damaged', 1, 1],
  ['failed', 3, 0],
] as const)('%s: fails with one sentence that names the provider', async (status, attempts, damaged) => {
  const world = setUp([KEK], [status]);
  const { message } = await failureOf(world.run());
  expect(message).toBe(`these providers have no usable keyset, and got no fresh one: openai (${status})`);
  expect(world.ensured).toHaveLength(attempts);
  expect(world.metrics.of('bootstrap_failed')).toBe(1);
  expect(world.metrics.of('keyset_damaged')).toBe(damaged);
});
