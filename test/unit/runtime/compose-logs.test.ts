import { ENVIRONMENT } from '../../../lambdas/core/contract/environment';
import { logPortsIn } from '../../../lambdas/core/runtime/compose-logs';
import { readConfiguration } from '../../../lambdas/core/runtime/configuration';
import type { Outside } from '../../../lambdas/core/runtime/lazy-runtime';
import { NO_LOGS } from '../../../lambdas/core/transparency/log-ports';
import { AMPLE } from '../../ample-limits';
import { CountingMetrics, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';

const KEPT = { ...process.env };
afterEach(() => {
  process.env = { ...KEPT };
});

function outside(more: Readonly<Record<string, string>>): Outside {
  for (const name of Object.values(ENVIRONMENT)) Reflect.deleteProperty(process.env, name);
  const { keysetsTable, credentialsTable, auditTable, rotationsTable, kekSecret } = ENVIRONMENT;
  for (const name of [keysetsTable, credentialsTable, auditTable, rotationsTable, kekSecret])
    process.env[name] = 'name';
  Object.assign(process.env, {
    [ENVIRONMENT.region]: 'eu-west-1',
    [ENVIRONMENT.regions]: 'us-east-1,eu-west-1',
    [ENVIRONMENT.auditRetentionDays]: '400',
    ...more,
  });
  const calls = { ...AMPLE, maxAttempts: 1 };
  return {
    configuration: readConfiguration(process.env),
    patience: { calls, proofs: calls },
    clock: new TestClock(),
    logger: new RecordingLogger(),
    failures: new RecordingFailures(),
    metrics: new CountingMetrics(),
    randomness: testRandomness,
  };
}

const BUCKETS = { [ENVIRONMENT.logBucket]: 'keyward-log', [ENVIRONMENT.archiveBucket]: 'keyward-archive' };

test('a deployment without a bucket for its log has no log', () => {
  expect(logPortsIn(outside({}))).toBe(NO_LOGS);
  expect(logPortsIn(outside({ [ENVIRONMENT.logBucket]: '' }))).toBe(NO_LOGS);
});

test('each region has a log, home first, and no other place has one', () => {
  const { logs } = logPortsIn(outside(BUCKETS));
  expect([logs.regions, logs.archiveDays, logs.eventDays]).toEqual([['us-east-1', 'eu-west-1'], undefined, 400]);
  for (const region of logs.regions) expect(logs.of(region)?.region).toBe(region);
  expect(logs.of('us-east-1')).toBe(logs.of('us-east-1'));
  for (const other of ['', 'ap-south-1', 'constructor']) expect(logs.of(other)).toBeUndefined();
});

test('what the configuration lacks is named', async () => {
  const { logs, publisher } = logPortsIn(outside({ [ENVIRONMENT.logBucket]: 'keyward-log' }));
  expect(() => logs.of('us-east-1')).toThrow('KEYWARD_ARCHIVE_BUCKET is not set');
  await expect(publisher.publish('us-east-1')).rejects.toThrow('KEYWARD_PUBLISH_FUNCTION is not set');
});
