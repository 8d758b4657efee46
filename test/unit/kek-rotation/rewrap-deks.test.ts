import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { nextKekSecret } from '../../../lambdas/core/kek-rotation/next-kek-secret';
import { newKeyset, verifyKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { createRewrapDeks } from '../../../lambdas/core/kek-rotation/rewrap-deks';
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

const first = newKekSecretRecord(testRandomness, TEST_START);
const second = nextKekSecret(first, 'v1', undefined, TEST_START + 1, testRandomness);
const third = nextKekSecret(second, 'v2', undefined, TEST_START + 2, testRandomness);
const versions = { v1: first, v2: second, v3: third };
type Version = keyof typeof versions | 'none' | 'bug';

/** Two regions; `home` gives the version at each read of the home region, the last one is repeated. */
function setUp(home: readonly Version[], replica: Version = home[0]!) {
  const metrics = new CountingMetrics();
  const audit = new MemoryAudit();
  const logger = new RecordingLogger();
  const keysets = new MemoryKeysets('us-east-1');
  for (const provider of ['openai', 'google']) {
    keysets.records.set(
      provider,
      newKeyset(provider, parseKekSecret(serializeKekSecret(first)).primary, TEST_START, testRandomness),
    );
  }
  const replicaKeysets = new MemoryKeysets('eu-west-1');
  let reads = 0;
  const answer = async (version: Version) => {
    if (version === 'bug') throw new TypeError('a bug');
    if (version === 'none') throw new KeywardError('store_unavailable', 'no answer');
    return { versionId: version, value: serializeKekSecret(versions[version]) };
  };
  const run = createRewrapDeks({
    replicas: [
      { region: 'us-east-1', current: () => answer(home[Math.min(reads++, home.length - 1)]!) },
      { region: 'eu-west-1', current: () => answer(replica) },
    ],
    keysets,
    scanners: [keysets, replicaKeysets],
    trail: new AuditTrail({
      sink: audit,
      clock: new TestClock(),
      randomness: testRandomness,
      metrics,
      region: 'us-east-1',
    }),
    randomness: testRandomness,
    metrics,
    logger,
  });
  const keksOf = () => [...keysets.records.values()].map((record) => (record as KeysetRecord).kek_id);
  return {
    metrics,
    audit,
    logger,
    keysets,
    replicaKeysets,
    keksOf,
    run: () => run({ secret_version_id: 'v2', kek_id: second.primary }),
  };
}

test('moves every keyset that there is, on record', async () => {
  const world = setUp(['v2']);
  expect(await world.run()).toBe('done');
  expect(world.keksOf()).toEqual([second.primary, second.primary]);
  verifyKeyset(world.keysets.records.get('openai'), 'openai', parseKekSecret(serializeKekSecret(second)));
  expect(world.audit.events.map((event) => [event.provider, event.metadata.phase])).toEqual([
    ['openai', 'intent'],
    ['openai', 'outcome'],
    ['google', 'intent'],
    ['google', 'outcome'],
  ]);
});

test('moves what is stored, whoever is configured; the audit log names the KEK', async () => {
  const world = setUp(['v2']);
  const takenOff = newKeyset(
    'taken-off',
    parseKekSecret(serializeKekSecret(first)).primary,
    TEST_START,
    testRandomness,
  );
  world.keysets.records.set('taken-off', takenOff);
  expect(await world.run()).toBe('done');
  expect(world.keksOf()).toEqual([second.primary, second.primary, second.primary]);
  expect(world.audit.events.at(-1)).toMatchObject({
    provider: 'taken-off',
    metadata: { operation: 'rewrap_keyset', kek_id: second.primary, outcome: 'written' },
  });
});

test.each(['keysets', 'replicaKeysets'] as const)(
  'is not done where a region cannot read its keysets: %s',
  async (which) => {
    const world = setUp(['v2']);
    const silent = new KeywardError('store_unavailable', 'no answer');
    world[which].all = () => Promise.reject(silent);
    expect(await failureOf(world.run())).toBe(silent);
    const moved = which === 'keysets' ? first.primary : second.primary;
    expect(world.keksOf()).toEqual([moved, moved]);
  },
);

test('a keyset that home has lost is an alarm, and holds up no other', async () => {
  const world = setUp(['v2']);
  world.replicaKeysets.records.set('mistral', {});
  world.replicaKeysets.records.set('Not A Name!', {});
  expect(await world.run()).toBe('done');
  expect(world.metrics.of('keyset_damaged')).toBe(2);
  expect(world.logger.lines.map(({ fields }) => fields?.provider)).toEqual(['mistral', undefined]);
  expect(world.keksOf()).toEqual([second.primary, second.primary]);
});

test('a message for an older version moves to the newest', async () => {
  const world = setUp(['v3']);
  expect(await world.run()).toBe('done');
  expect(world.keksOf()).toEqual([third.primary, third.primary]);
});

test.each([
  ['another region lags', 'v2', 'v1'],
  ['another region does not answer', 'v2', 'none'],
  ['home does not answer', 'none', 'v2'],
  ['home itself lags, and all regions agree on the version before', 'v1', 'v1'],
] as const)('not yet where %s', async (_, home, replica) => {
  const world = setUp([home], replica);
  expect(await world.run()).toBe('not_yet');
  expect(world.metrics.of('kek_replica_lagging')).toBe(1);
  expect(world.keksOf()).toEqual([first.primary, first.primary]);
});

test('not yet where the next rotation comes in between: not every region has its KEK', async () => {
  const world = setUp(['v2', 'v3'], 'v2');
  expect(await world.run()).toBe('not_yet');
  expect(world.keksOf()).toEqual([first.primary, first.primary]);
});

test('a bug is no region that lags', async () => {
  await expect(setUp(['bug'], 'v2').run()).rejects.toThrow(TypeError);
});

test('a keyset under a KEK that the secret does not have is no success, and holds up no other', async () => {
  const world = setUp(['v2']);
  const stranger = parseKekSecret(serializeKekSecret(third)).primary;
  world.keysets.records.set('openai', newKeyset('openai', stranger, TEST_START, testRandomness));
  expect(await failureOf(world.run())).toMatchObject({ reason: 'unknown_kek' });
  expect(world.keksOf()).toEqual([third.primary, second.primary]);
  expect(world.metrics.of('keyset_damaged')).toBe(0);
});

test('a keyset that others keep changing is given up for now', async () => {
  const world = setUp(['v2']);
  world.keysets.replace = async () => 'refused';
  expect(await failureOf(world.run())).toMatchObject({ code: 'conflict' });
});

test('a damaged keyset is counted and left as it is', async () => {
  const world = setUp(['v2']);
  const record = world.keysets.records.get('openai') as KeysetRecord;
  world.keysets.records.set('openai', { ...record, revision: 7 });
  expect(await world.run()).toBe('done');
  expect(world.metrics.of('keyset_damaged')).toBe(1);
  expect(world.keksOf()).toEqual([first.primary, second.primary]);
});

test('nothing moves that is not on record first, and all of it once events are taken again', async () => {
  const world = setUp(['v2']);
  world.audit.down = true;
  expect(await failureOf(world.run())).toMatchObject({ code: 'audit_unavailable' });
  expect(world.keksOf()).toEqual([first.primary, first.primary]);
  world.audit.down = false;
  expect(await world.run()).toBe('done');
  expect(world.keksOf()).toEqual([second.primary, second.primary]);
});
