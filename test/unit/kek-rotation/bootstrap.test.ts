import { newAuditEvent } from '../../../lambdas/core/audit/audit-event';
import { newKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { OutsideFailure } from '../../../lambdas/core/errors/outside-failure';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { createBootstrap, type Served } from '../../../lambdas/core/kek-rotation/bootstrap';
import type { KeysetStatus } from '../../../lambdas/core/kek-rotation/ensure-keysets';
import {
  CountingMetrics,
  MemoryAudit,
  MemoryKeysets,
  TEST_START,
  TestClock,
  testRandomness,
} from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { failureOf } from '../keysets/failure-of';

const PLACEHOLDER = '{"schema":1}';
const KEK = serializeKekSecret(newKekSecretRecord(testRandomness, TEST_START));
const unreachable = new Error('no answer');
const [HOME, EU, ASIA] = ['us-east-1', 'eu-west-1', 'ap-south-1'] as const;
const REGIONS = [HOME, EU, ASIA];
const PROVIDERS = ['openai', 'google'];
const EVERYTHING: Served = { regions: REGIONS, providers: PROVIDERS };
const LOGS = { bootstrap: '/aws/lambda/test-bootstrap', rotateKek: '/aws/lambda/test-rotate-kek' };

const refusal = (
  operation: string,
  name: OutsideFailure['name'] = 'AccessDeniedException',
  kind: OutsideFailure['kind'] = 'denied',
): KeywardError =>
  new KeywardError('store_unavailable', 'no', undefined, {
    service: 'Secrets Manager',
    operation,
    region: HOME,
    name,
    kind,
  });

/** `values`: the home secret's value at each read; the last one is repeated. */
function setUp(values: readonly (string | Error)[], statuses: readonly KeysetStatus['status'][] = ['ready']) {
  const clock = new TestClock();
  const metrics = new CountingMetrics();
  const audit = new MemoryAudit();
  const logger = new RecordingLogger();
  const starts: number[] = [];
  const ensured: string[] = [];
  /** The current values of the other regions, and their keysets. */
  const replicas = new Map<string, () => Promise<{ versionId: string; value: string }>>();
  const keysets = new Map<string, MemoryKeysets>([EU, ASIA].map((region) => [region, new MemoryKeysets(region)]));
  for (const { records } of keysets.values()) for (const provider of PROVIDERS) records.set(provider, {});
  let reads = 0;
  const world = {
    clock,
    metrics,
    audit,
    logger,
    starts,
    ensured,
    replicas,
    keysets,
    startFails: undefined as Error | undefined,
    /** The members of a keyset's result beside its status. */
    detail: {} as Partial<KeysetStatus>,
    reads: () => reads,
  };
  const run = createBootstrap({
    secret: {
      region: HOME,
      current: async () => {
        const value = values[Math.min(reads, values.length - 1)] ?? '';
        reads += 1;
        if (value instanceof Error) throw value;
        return { versionId: 'v', value };
      },
    },
    regions: [EU, ASIA].map((region) => ({
      region,
      secret: { region, current: () => replicas.get(region)?.() ?? Promise.resolve({ versionId: 'v', value: KEK }) },
      keysets: keysets.get(region)!,
    })),
    logGroups: LOGS,
    rotation: {
      start: async () => {
        starts.push(clock.now() - TEST_START);
        if (world.startFails !== undefined) throw world.startFails;
      },
    },
    ensureKeysets: async (providers, user) => {
      const status = statuses[Math.min(ensured.length, statuses.length - 1)]!;
      ensured.push(user);
      return providers.map((provider) => ({
        provider,
        status: provider === 'google' ? 'ready' : status,
        ...world.detail,
      }));
    },
    providers: PROVIDERS,
    trail: new AuditTrail({ sink: audit, clock, randomness: testRandomness, metrics, region: HOME }),
    audit,
    clock,
    randomness: testRandomness,
    metrics,
    logger,
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
  expect(world.reads()).toBeGreaterThanOrEqual(4);
});

test('a store that nothing was ever written to starts one, too', async () => {
  const empty = new KeywardError('store_unavailable', 'the path is empty', 'kek_missing');
  const world = setUp([empty, PLACEHOLDER, KEK]);
  await world.run();
  expect(world.starts).toEqual([0]);
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
    world.startFails = fails ? unreachable : undefined;
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
  expect(message).toBe(`these providers have no usable keyset, and no new one was made: openai (${status})`);
  expect(world.ensured).toHaveLength(attempts);
  expect(world.metrics.of('bootstrap_failed')).toBe(1);
  expect(world.metrics.of('keyset_damaged')).toBe(damaged);
});

describe('what is refused is named, and not waited for', () => {
  test('a rotation that may not be started: asked for again for two minutes, because the role may be fresh', async () => {
    const world = setUp([PLACEHOLDER]);
    world.startFails = refusal('RotateSecret');
    const { message } = await failureOf(world.run());
    expect(message).toContain('Secrets Manager in us-east-1, RotateSecret: AccessDeniedException');
    expect(message).toContain(LOGS.bootstrap);
    expect(message).not.toContain(LOGS.rotateKek);
    expect(world.clock.now() - TEST_START).toBe(120_000);
    expect(world.starts).toHaveLength(13);
  });

  test('a role that is fresh gets what it needs after a minute', async () => {
    const world = setUp([PLACEHOLDER, ...Array.from({ length: 64 }, () => PLACEHOLDER), KEK]);
    world.startFails = refusal('RotateSecret');
    const starts = world.starts;
    Object.defineProperty(world.starts, 'push', {
      value: (at: number) => {
        if (at >= 60_000) world.startFails = undefined;
        return Array.prototype.push.call(starts, at);
      },
    });
    await world.run();
    expect(world.starts.at(-1)).toBe(60_000);
  });

  test('a secret that may not be read', async () => {
    const world = setUp([refusal('GetSecretValue', 'DecryptionFailure', 'refused')]);
    expect((await failureOf(world.run())).message).toContain('GetSecretValue: DecryptionFailure');
    expect(world.starts).toEqual([]);
  });

  test('an outage is waited for, and named in the end with the log that tells more', async () => {
    const world = setUp([PLACEHOLDER]);
    world.startFails = refusal('RotateSecret', 'ThrottlingException', 'outage');
    const { message } = await failureOf(world.run());
    expect(message).toContain('RotateSecret: ThrottlingException');
    expect(message).toContain(LOGS.bootstrap);
    expect(world.clock.now() - TEST_START).toBe(600_000);
  });

  test('where rotations start and bring nothing, the log of rotate-kek is the one', async () => {
    expect((await failureOf(setUp([PLACEHOLDER]).run())).message).toContain(LOGS.rotateKek);
  });
});

type Break = (world: ReturnType<typeof setUp>, region: (typeof REGIONS)[number]) => void;
const BROKEN: readonly (readonly [string, Break, string])[] = [
  [
    'does not return the KEK',
    (world, region) =>
      world.replicas.set(region, () =>
        Promise.reject(refusal('GetSecretValue', 'ResourceNotFoundException', 'refused')),
      ),
    'does not return the current KEK (GetSecretValue in us-east-1: ResourceNotFoundException)',
  ],
  [
    'says nothing',
    (world, region) => world.replicas.set(region, () => Promise.reject(unreachable)),
    'does not return the current KEK',
  ],
  [
    'returns an older version',
    (world, region) => world.replicas.set(region, () => Promise.resolve({ versionId: 'older', value: KEK })),
    'does not return the current version',
  ],
  [
    'has no keysets',
    (world, region) => {
      world.keysets.get(region)!.records.clear();
    },
    'has no keyset of openai, google',
  ],
  ['shows no keysets', (world, region) => (world.keysets.get(region)!.down = true), 'cannot read its keysets'],
];

describe.each(BROKEN)('a region that %s', (_, breaks, why) => {
  test('fails the first deployment with the reason, within 13 minutes', async () => {
    const world = setUp([KEK]);
    breaks(world, ASIA);
    const { message } = await failureOf(world.run());
    expect(message).toContain(`${ASIA} ${why}`);
    expect(message).not.toContain(EU);
    expect(world.metrics.of('bootstrap_failed')).toBe(1);
    expect(world.clock.now() - TEST_START).toBeLessThanOrEqual(13 * 60_000);
    expect(world.clock.now() - TEST_START).toBeGreaterThan(12 * 60_000);
  });

  test('fails the update that adds it, and no other', async () => {
    const world = setUp([KEK]);
    breaks(world, ASIA);
    expect((await failureOf(world.run({ ...EVERYTHING, regions: [HOME, EU] }))).message).toContain(`${ASIA} ${why}`);
    expect(world.metrics.of('bootstrap_failed')).toBe(1);
  });

  test.each<[string, Served]>([
    ['an update of something else', EVERYTHING],
    ['an update from before regions were said', { providers: PROVIDERS }],
    ['an update of which nothing is known', {}],
    ['the rollback of an update that had added another one', { ...EVERYTHING, regions: [...REGIONS, 'eu-central-1'] }],
    ['an update that adds another region, which is as it should be', { ...EVERYTHING, regions: [HOME, ASIA] }],
  ])('does not fail %s: that is logged, counted, and goes on', async (__, before) => {
    const world = setUp([KEK]);
    breaks(world, ASIA);
    expect(await world.run(before)).toMatchObject([{ status: 'ready' }, { status: 'ready' }]);
    expect(world.metrics.of('bootstrap_failed')).toBe(1);
    expect(world.logger.lines).toMatchObject([
      { level: 'error', message: expect.stringContaining(`${ASIA} ${why}`), fields: { operation: 'bootstrap' } },
    ]);
    // A minute in which it may be catching up.
    expect(world.clock.now() - TEST_START).toBe(60_000);
  });

  test('does not fail the rollback of an update that had taken it off', async () => {
    const world = setUp([KEK]);
    breaks(world, ASIA);
    // The state after that update; the rollback comes within the hour.
    world.audit.events.push({
      ...CHANGE,
      metadata: { ...CHANGE.metadata, old_regions: REGIONS.join(','), new_regions: `${HOME},${EU}` },
    });
    expect(await world.run({ ...EVERYTHING, regions: [HOME, EU] })).toHaveLength(2);
    expect(world.metrics.of('bootstrap_failed')).toBe(1);
    world.audit.down = true;
    expect(await failureOf(world.run({ ...EVERYTHING, regions: [HOME, EU] }))).toBeDefined();
  });

  test('takes an update for the rollback of another that took it off at most three hours before', async () => {
    // It waits for the region until its check at the end.
    const waited = 13 * 60_000;
    const after = async (ms: number) => {
      const world = setUp([KEK]);
      breaks(world, ASIA);
      world.audit.events.push({
        ...CHANGE,
        metadata: { ...CHANGE.metadata, old_regions: REGIONS.join(','), new_regions: `${HOME},${EU}` },
      });
      world.clock.time += ms - waited;
      return world.run({ ...EVERYTHING, regions: [HOME, EU] }).then(
        () => 'goes on',
        () => 'fails',
      );
    };
    expect(await after(3 * 3_600_000)).toBe('goes on');
    expect(await after(3 * 3_600_000 + 1)).toBe('fails');
  });
});

const CHANGE = newAuditEvent({
  id: '0'.repeat(32),
  timestamp: new Date(TEST_START).toISOString(),
  event_type: 'config_change',
  user_id: 'keyward:bootstrap',
  success: true,
  region: HOME,
  request_id: 'r',
  metadata: { operation: 'change_regions' },
});

test('a region that catches up is waited for', async () => {
  const world = setUp([KEK]);
  world.replicas.set(EU, () =>
    Promise.resolve({ versionId: world.clock.now() - TEST_START < 300_000 ? 'older' : 'v', value: KEK }),
  );
  expect(await world.run()).toHaveLength(2);
  expect(world.clock.now() - TEST_START).toBe(300_000);
  expect(world.metrics.of('bootstrap_failed')).toBe(0);
});

test('nothing is tried again once 13 minutes are over', async () => {
  const world = setUp([KEK], ['failed']);
  Object.defineProperty(world.ensured, 'push', {
    value: (user: string) => {
      world.clock.time += 13 * 60_000;
      return Array.prototype.push.call(world.ensured, user);
    },
  });
  expect((await failureOf(world.run())).message).toContain('openai (failed)');
  expect(world.ensured).toHaveLength(1);
});

test('a keyset that is not usable at home is not asked for elsewhere', async () => {
  const world = setUp([KEK], ['lost']);
  for (const { records } of world.keysets.values()) records.delete('openai');
  expect((await failureOf(world.run())).message).toBe(
    'these providers have no usable keyset, and no new one was made: openai (lost)',
  );
});

test.each([
  [
    { error_name: 'AccessDeniedException', reason: 'keyset_missing', code: 'store_unavailable' },
    'AccessDeniedException',
  ],
  [{ reason: 'unknown_kek', code: 'keys_unavailable' }, 'unknown_kek'],
  [{ code: 'audit_unavailable' }, 'audit_unavailable'],
] as const)('a keyset that could not be made is named with its cause: %j', async (detail, cause) => {
  const world = setUp([KEK], ['failed']);
  world.detail = detail;
  expect((await failureOf(world.run())).message).toContain(`openai (failed: ${cause})`);
});

test('an update fails for a provider that it adds, and for no other', async () => {
  const adding = setUp([KEK], ['lost']);
  expect((await failureOf(adding.run({ ...EVERYTHING, providers: ['google'] }))).message).toContain('openai (lost)');
  const other = setUp([KEK], ['lost']);
  expect(await other.run({ ...EVERYTHING, providers: ['openai'] })).toHaveLength(2);
  expect(other.metrics.of('bootstrap_failed')).toBe(1);
});

test('the rollback of an update that had taken a provider off goes on, whatever that is like', async () => {
  const world = setUp([KEK], ['lost']);
  world.audit.events.push(
    { ...CHANGE, user_id: 'arn:aws:iam::111111111111:role/somebody', metadata: { old_providers: 'openai' } },
    { ...CHANGE, metadata: { old_providers: 'google,openai', new_providers: 'google' } },
  );
  expect(await world.run({ ...EVERYTHING, providers: ['google'] })).toHaveLength(2);
});

test('an update without a usable KEK fails where it adds something, and goes on where it does not', async () => {
  const damaged = '{"schema":1,"keys":7}';
  expect(await failureOf(setUp([damaged]).run({ ...EVERYTHING, regions: [HOME] }))).toMatchObject({
    reason: 'kek_damaged',
  });
  const world = setUp([damaged]);
  expect(await world.run(EVERYTHING)).toEqual([]);
  expect(world.metrics.of('bootstrap_failed')).toBe(1);
  expect(world.ensured).toEqual([]);
});

test('which regions and providers come and go is on record', async () => {
  const world = setUp([KEK]);
  await world.run({ regions: [HOME], providers: ['mistral'] });
  await world.run(EVERYTHING);
  expect(world.audit.events).toMatchObject([
    {
      event_type: 'config_change',
      user_id: 'keyward:bootstrap',
      success: true,
      metadata: { operation: 'change_regions', old_regions: HOME, new_regions: REGIONS.join(',') },
    },
    { metadata: { operation: 'change_providers', old_providers: 'mistral', new_providers: 'openai,google' } },
  ]);
});

test('an update goes on where nothing can be put on record', async () => {
  const world = setUp([KEK]);
  world.audit.down = true;
  expect(await world.run({ ...EVERYTHING, providers: [...PROVIDERS, 'mistral'] })).toHaveLength(2);
  expect(world.metrics.of('bootstrap_failed')).toBe(1);
});

test('a region and a provider that are wrong are both named', async () => {
  const world = setUp([KEK], ['lost']);
  world.keysets.get(EU)!.records.clear();
  const { message } = await failureOf(world.run());
  expect(message).toContain('openai (lost)');
  expect(message).toContain(`${EU} has no keyset of google`);
});
