import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { HANDBOOK } from '../handbook';
import { HOME, REGIONS, REPLICAS, resourcesOf, templateOf } from '../synthesized';

const alarmsOf = (stack: string) =>
  resourcesOf(templateOf(stack), 'AWS::CloudWatch::Alarm').map(([, each]) => each.Properties);

const IN_EVERY_REGION = {
  'function-errors': 'Errors',
  'function-throttles': 'Throttles',
  'api-errors': '5XXError',
  'api-p99': 'Latency',
  'failed-decrypts': 'failed_decrypt',
  'unauthorized-access': 'unauthorized_access',
  'audit-failures': 'audit_append_failed',
  'kek-age': 'kek_age_days',
  'region-unproved': 'region_unproved',
  'kek-unavailable': 'kek_source_failed',
  'kek-unusable': 'kek_unusable',
  'keyset-damaged': 'keyset_damaged',
  'keysets-unavailable': 'keyset_source_failed',
  'keysets-lagging': 'keyset_lagging',
  'break-glass': 'MatchedEvents',
  'changed-by-hand': 'MatchedEvents',
};
const AT_HOME = {
  'kek-rotation-errors': 'Errors',
  'kek-rotation-abandoned': 'kek_rotation_abandoned',
  'kek-rotation-not-started': 'ApproximateNumberOfMessagesVisible',
  'rewrap-errors': 'Errors',
  'rewrap-dead': 'ApproximateNumberOfMessagesVisible',
  'replication-kek': 'kek_replica_lagging',
  ...Object.fromEntries(
    REPLICAS.flatMap((region) =>
      ['keysets', 'credentials'].map((table) => [`replication-${table}-${region}`, 'ReplicationLatency']),
    ),
  ),
  'dek-rotation-worker-errors': 'Errors',
  'dek-rotation-worker-dead': 'ApproximateNumberOfMessagesVisible',
  'sweep-errors': 'Errors',
  'sweep-missing': 'Invocations',
  'sweep-not-started': 'ApproximateNumberOfMessagesVisible',
  'rekey-failed': 'rekey_failed',
  'version-referenced': 'version_referenced',
  'sweep-part-failed': 'sweep_part_failed',
  'dek-age': 'dek_age_days',
  'dek-rotation-slow': 'dek_rotation_age_hours',
  'bootstrap-failed': 'bootstrap_failed',
};

const OF_THE_LOG = {
  'event-tampered': 'event_tampered',
  'archive-errors': 'Errors',
  'archive-failing': 'archive_failed',
  'event-malformed': 'event_malformed',
  'archive-late': 'IteratorAge',
  'archive-failed-batches': 'OnFailureDestinationDeliveredEventCount',
  'publish-failed': 'publish_failed',
  'publish-errors': 'Errors',
  'publish-missing': 'Invocations',
  'publish-not-started': 'ApproximateNumberOfMessagesVisible',
  'events-unpublished': 'unpublished_age_hours',
  'copy-failed': 'OperationsFailedReplication',
  'event-unlogged': 'event_unlogged',
  'log-away': 'log_away',
  'failed-batch-unreadable': 'failed_batch_unreadable',
  'reconciliation-dead': 'ApproximateNumberOfMessagesVisible',
  'reconciliation-missing': 'day_reconciled',
  'reconciliation-not-started': 'ApproximateNumberOfMessagesVisible',
};

const OF_REFUSALS = {
  'refusals-failed': 'ApproximateNumberOfMessagesVisible',
  'refusals-lost': 'DestinationDeliveryFailures',
  'refusals-malformed': 'access_line_malformed',
  'refusals-not-delivered': 'unauthorized_access',
  'refusals-unlogged': '4XXError',
};

/** By name without the stage: the name of the metric, or of the first one of a sum. */
const watched = (stack: string) =>
  Object.fromEntries(
    alarmsOf(stack).map((alarm) => {
      const metrics = (alarm['Metrics'] ?? []) as { MetricStat?: { Metric: { MetricName: string } } }[];
      const first = metrics.find((each) => each.MetricStat !== undefined)?.MetricStat?.Metric.MetricName;
      return [String(alarm['AlarmName']).replace('keyward-', ''), alarm['MetricName'] ?? first];
    }),
  );

test.each(REGIONS)('%s has an alarm for everything that the API may suffer from', (region) => {
  expect(watched(`keyward-api-${region}`)).toEqual(IN_EVERY_REGION);
});

test.each(REGIONS)('%s has an alarm for everything that its log may suffer from', (region) => {
  expect(watched(`keyward-log-${region}`)).toEqual(OF_THE_LOG);
});

test.each(REGIONS)('the copy of the log of %s has an alarm, where it is', (region) => {
  expect(watched(`keyward-log-copy-${region}`)).toEqual({ [`copy-late-${region}`]: 'ReplicationLatency' });
});

test.each(REGIONS)('%s has an alarm for all that keeps a refusal out of the audit log', (region) => {
  expect(watched(`keyward-refusals-${region}`)).toEqual(OF_REFUSALS);
});

test('home has an alarm for everything that the rotation may suffer from', () => {
  expect(watched('keyward-operations')).toEqual(AT_HOME);
});

test('every alarm tells the topic, and the handbook says what to do', () => {
  const stacks = [
    ...REGIONS.flatMap((region) => ['api', 'log', 'log-copy', 'refusals'].map((stack) => `keyward-${stack}-${region}`)),
    'keyward-operations',
  ];
  for (const alarm of stacks.flatMap(alarmsOf)) {
    expect(alarm['AlarmActions']).toHaveLength(1);
    const name = String(alarm['AlarmName'])
      .replace('keyward-', '')
      .replace(/^(replication-(?:keysets|credentials)|copy-late)-.*/, '$1');
    expect([name, HANDBOOK.includes(`| \`${name}`)]).toEqual([name, true]);
  }
});

test('metrics of the functions carry the stage, and some function does write each of them', () => {
  const lambdas = join(ROOT, 'lambdas');
  const sources = readdirSync(lambdas, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(lambdas, file), 'utf8'));
  const stacks = [`keyward-api-${HOME}`, `keyward-log-${HOME}`, `keyward-refusals-${HOME}`, 'keyward-operations'];
  const own = stacks.flatMap(alarmsOf).filter((alarm) => alarm['Namespace'] === 'Keyward');
  expect(own.length).toBeGreaterThan(5);
  for (const alarm of own) {
    expect(alarm['Dimensions']).toEqual([{ Name: 'service', Value: 'keyward' }]);
    const name = String(alarm['MetricName']);
    const writes = new RegExp(`\\.(count|gauge)\\([^)]*'${name}'`);
    // Or it is counted by a name that the same file has from there.
    const isNamed = (source: string): boolean =>
      new RegExp(`\\('${name}'`).test(source) && /\.count\(name\)/.test(source);
    const isReported = (source: string): boolean => new RegExp(`reportEvents\\([^)]*'${name}'`).test(source);
    expect([name, sources.some((source) => writes.test(source) || isNamed(source) || isReported(source))]).toEqual([
      name,
      true,
    ]);
  }
});

test('what the gateway refuses is counted from its access log', () => {
  for (const region of REGIONS) {
    const [filter] = resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::Logs::MetricFilter');
    expect(filter![1].Properties).toMatchObject({
      FilterPattern: '%^..status...403%',
      MetricTransformations: [
        { MetricNamespace: 'Keyward/keyward', MetricName: 'unauthorized_access', MetricValue: '1' },
      ],
    });
    const alarm = alarmsOf(`keyward-api-${region}`).find(
      (each) => each['AlarmName'] === 'keyward-unauthorized-access',
    )!;
    expect(alarm).toMatchObject({ Namespace: 'Keyward/keyward', MetricName: 'unauthorized_access', Threshold: 100 });
  }
});

const alarmOf = (stack: string, name: string): Record<string, unknown> =>
  alarmsOf(stack).find((alarm) => alarm['AlarmName'] === `keyward-${name}`)!;

test.each(REGIONS)('in %s an alarm that nobody measures is quiet, but for what must come every hour', (region) => {
  const loud = alarmsOf(`keyward-api-${region}`).filter((alarm) => alarm['TreatMissingData'] !== 'notBreaching');
  const names = loud.map((alarm) => [alarm['AlarmName'], alarm['TreatMissingData']]);
  expect(names).toEqual(region === HOME ? [['keyward-kek-age', 'breaching']] : []);
});

test.each(REGIONS)(
  'in %s three hours without a publication are an alarm, and nothing else that nobody measures',
  (region) => {
    const loud = alarmsOf(`keyward-log-${region}`).filter((alarm) => alarm['TreatMissingData'] !== 'notBreaching');
    expect(loud.map((alarm) => [alarm['AlarmName'], alarm['TreatMissingData']])).toEqual([
      ['keyward-publish-missing', 'breaching'],
      ['keyward-reconciliation-missing', 'breaching'],
    ]);
  },
);

test('three hours without a sweep are an alarm, also where nothing was ever measured', () => {
  expect(alarmOf('keyward-operations', 'sweep-missing')).toMatchObject({
    Namespace: 'AWS/Lambda',
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    Period: 3600,
    EvaluationPeriods: 3,
    TreatMissingData: 'breaching',
  });
  const others = alarmsOf('keyward-operations').filter((alarm) => alarm['AlarmName'] !== 'keyward-sweep-missing');
  expect(new Set(others.map((alarm) => alarm['TreatMissingData']))).toEqual(new Set(['notBreaching']));
  expect(new Set(others.map((alarm) => alarm['ComparisonOperator']))).toEqual(new Set(['GreaterThanThreshold']));
});

test('ages are looked at as the sweep reports them: the oldest, and no hole where a round is late', () => {
  const hourly = { Statistic: 'Maximum', Period: 7200, EvaluationPeriods: 1 };
  expect(alarmOf('keyward-operations', 'dek-age')).toMatchObject({ ...hourly, Threshold: 97 });
  expect(alarmOf('keyward-operations', 'dek-rotation-slow')).toMatchObject({ ...hourly, Threshold: 48 });
});

test('a function that was not called takes nothing away from the sum', () => {
  for (const name of ['function-errors', 'function-throttles']) {
    const metrics = alarmOf(`keyward-api-${HOME}`, name)['Metrics'] as { Id: string; Expression?: string }[];
    const expression = metrics.find((each) => each.Expression !== undefined)!.Expression!;
    const ids = metrics.filter((each) => each.Expression === undefined).map(({ Id }) => Id);
    // CloudWatch takes ten metrics in an alarm.
    expect(ids.length).toBeLessThanOrEqual(10);
    expect(expression).toBe(ids.map((id) => `FILL(${id}, 0)`).join(' + '));
  }
});

test('every use of the break-glass role is seen, reading calls and taking the role included', () => {
  for (const region of REGIONS) {
    const rule = resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::Events::Rule').find(
      ([, { Properties }]) => Properties['Name'] === 'keyward-break-glass',
    );
    const role = 'arn:aws:iam::111111111111:role/keyward-break-glass';
    expect(rule![1].Properties).toMatchObject({
      State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      EventPattern: {
        detail: {
          $or: [
            { userIdentity: { sessionContext: { sessionIssuer: { arn: [role] } } } },
            {
              eventName: ['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'],
              requestParameters: { roleArn: [role] },
            },
          ],
        },
      },
    });
  }
});

test('every region has a dashboard', () => {
  for (const region of REGIONS) {
    const [dashboard] = resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::CloudWatch::Dashboard');
    expect(dashboard![1].Properties['DashboardName']).toBe(`keyward-${region}`);
    const body = JSON.stringify(dashboard![1].Properties['DashboardBody']);
    expect(body).toContain('retiring_version_used');
    for (const ofTheLog of ['unpublished_age_hours', 'event_tampered', 'IteratorAge']) expect(body).toContain(ofTheLog);
    for (const atHome of ['dek_age_days', 'dek_rotation_age_hours', 'rekey_failed', 'keyward-dek-rotation-dlq']) {
      expect([atHome, body.includes(atHome)]).toEqual([atHome, region === HOME]);
    }
  }
});
