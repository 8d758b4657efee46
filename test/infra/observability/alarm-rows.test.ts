import {
  apiRows,
  configuredHere,
  COPIED,
  copyFailedRow,
  copyLateRow,
  logRows,
  MEASURED_IN,
  operationsRows,
  refusalRows,
  type AlarmRow,
  type Watched,
} from './alarm-rows';
import { synthesize } from '../synthesize';
import {
  ACCOUNT,
  HOME,
  REGIONS,
  REPLICAS,
  resourcesOf,
  synthesized,
  type Synthesized,
  type Template,
} from '../synthesized';

interface MetricOfAlarm {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly Label?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: { readonly Metric: MetricOfAlarm; readonly Period: number; readonly Stat: string };
}

const COMPARISONS: Readonly<Record<string, unknown>> = { GreaterThanThreshold: '>', LessThanThreshold: '<' };
const MISSING: Readonly<Record<string, unknown>> = { notBreaching: 'quiet', breaching: 'raised' };
/** By the type of the referenced resource: the property with its name. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Events::Rule': 'Name',
  'AWS::SNS::Topic': 'TopicName',
};

/** The value of a reference: the name of that resource. */
function nameOf(template: Template, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: readonly [string, string] };
  const resource = template.Resources[ref ?? attribute?.[0] ?? ''];
  return resource === undefined ? value : resource.Properties[NAMES[resource.Type] ?? ''];
}

/** An alarm by its row. Members with the same meaning must agree. */
function rowOf(template: Template, stage: string, alarm: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const queries = (alarm['Metrics'] ?? []) as readonly Query[];
  const summands = queries.filter(({ MetricStat }) => MetricStat !== undefined);
  const metrics =
    queries.length === 0
      ? [
          {
            ...(alarm as unknown as MetricOfAlarm),
            period: alarm['Period'],
            statistic: alarm['Statistic'] ?? alarm['ExtendedStatistic'],
          },
        ]
      : summands.map(({ MetricStat }) => ({
          ...MetricStat!.Metric,
          period: MetricStat!.Period,
          statistic: MetricStat!.Stat,
        }));
  const one = (values: readonly unknown[]): unknown => (new Set(values).size === 1 ? values[0] : values);
  const metric = one(metrics.map(({ MetricName }) => MetricName));
  return {
    name: String(alarm['AlarmName']).replace(`${stage}-`, ''),
    namespace: one(metrics.map(({ Namespace }) => Namespace)),
    metric,
    of: metrics.map(({ Dimensions = [] }) =>
      Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, nameOf(template, Value)])),
    ),
    statistic: one(metrics.map(({ statistic }) => statistic)),
    minutes: Number(one(metrics.map(({ period }) => period))) / 60,
    // All of the periods: an alarm that is raised by some of them would name DatapointsToAlarm.
    periods: alarm['DatapointsToAlarm'] === undefined ? alarm['EvaluationPeriods'] : 'some',
    raised: COMPARISONS[String(alarm['ComparisonOperator'])],
    threshold: alarm['Threshold'],
    missing: MISSING[String(alarm['TreatMissingData'])],
    ...(queries.length > 0 && {
      sum: queries.filter(({ ReturnData }) => ReturnData !== false).map(({ Expression }) => Expression),
    }),
  };
}

const sumOf = (summands: number): readonly string[] => [
  Array.from({ length: summands }, (_, index) => `FILL(m${index}, 0)`).join(' + '),
];

/** The template's metrics for a row: a sum has an expression, in which missing data counts as 0. */
function expected({ unit: _, of, ...row }: AlarmRow, isSum: boolean): Record<string, unknown> {
  return { ...row, of, ...(isSum && { sum: sumOf(of.length) }) };
}

const SUMS = ['function-errors', 'function-throttles', 'changed-by-hand', 'copy-failed'];

function compare(
  { templates }: Synthesized,
  stack: string,
  rows: readonly AlarmRow[],
  stage: string,
  others: readonly string[] = [],
): void {
  const template = templates.get(stack)!;
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm')
    .map(([, each]) => each.Properties)
    .filter((alarm) => !others.includes(String(alarm['AlarmName']).replace(`${stage}-`, '')));
  const found = alarms.map((alarm) => rowOf(template, stage, alarm));
  const byName = (a: Record<string, unknown>, b: Record<string, unknown>) =>
    String(a['name']) < String(b['name']) ? -1 : 1;
  const wanted = rows.map((row) => expected(row, SUMS.includes(row.name)));
  expect(found.sort(byName)).toEqual(wanted.sort(byName));
}

const STANDARD = (region: string): Watched => configuredHere(region, HOME, REPLICAS);

test.each(REGIONS)('every alarm of the API in %s watches what its row says', (region) => {
  compare(synthesized(), `keyward-api-${region}`, apiRows(STANDARD(region)), 'keyward');
});

/** Its two metrics are of one mapping, which has no name. */
const LOST = 'archive-failed-batches';

test.each(REGIONS)('every alarm of the log in %s watches what its row says', (region) => {
  const copied = COPIED.find(({ from }) => from === region)!;
  const rows = [...logRows(STANDARD(region)), copyFailedRow('keyward', copied)];
  compare(synthesized(), `keyward-log-${region}`, rows, 'keyward', [LOST]);
});

test.each(COPIED)('a copy of the log of $from that is late is told where it is, in $to', (copied) => {
  const template = synthesized().templates.get(`keyward-log-copy-${copied.from}`)!;
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, each]) => each.Properties);
  const { unit: _, ...row } = copyLateRow('keyward', copied);
  // The later of the two, not their sum.
  expect(alarms.map((alarm) => rowOf(template, 'keyward', alarm))).toEqual([
    { ...row, sum: ['MAX([FILL(m0, 0), FILL(m1, 0)])'] },
  ]);
});

test.each(REGIONS)('in %s what Lambda gave up is counted, whether it could put it into the bucket or not', (region) => {
  const template = synthesized().templates.get(`keyward-log-${region}`)!;
  const [mappingId] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([id]) => id);
  const [, alarm] = resourcesOf(template, 'AWS::CloudWatch::Alarm').find(
    ([, { Properties }]) => Properties['AlarmName'] === `keyward-${LOST}`,
  )!;
  const dimensions = [{ Name: 'EventSourceMappingUUID', Value: { Ref: mappingId } }];
  const row = rowOf(template, 'keyward', alarm.Properties);
  expect(row).toMatchObject({
    namespace: 'AWS/Lambda',
    metric: ['OnFailureDestinationDeliveredEventCount', 'DroppedEventCount'],
    statistic: 'Sum',
    minutes: 5,
    raised: '>',
    threshold: 0,
    sum: sumOf(2),
  });
  for (const { MetricStat } of alarm.Properties['Metrics'] as readonly Query[]) {
    if (MetricStat !== undefined) expect(MetricStat.Metric.Dimensions).toEqual(dimensions);
  }
  // Without it Lambda does not count them.
  expect(template.Resources[mappingId!]!.Properties['MetricsConfig']).toEqual({ Metrics: ['EventCount'] });
});

/** Their metrics are compared with each other: test/infra/operations/refusals.test.ts. */
const COMPARED = ['refusals-not-delivered', 'refusals-unlogged'];

test.each(REGIONS)('every alarm about refusals in %s watches what its row says', (region) => {
  compare(synthesized(), `keyward-refusals-${region}`, refusalRows(STANDARD(region)), 'keyward', COMPARED);
});

test('every alarm of the operations at home watches what its row says', () => {
  compare(synthesized(), 'keyward-operations', operationsRows(STANDARD(HOME)), 'keyward');
});

test('in a deployment with another name, home, interval and limit, too', () => {
  const replicas = ['us-west-2'];
  const other = synthesize({
    stage: 'acme',
    home_region: 'eu-central-1',
    replica_regions: replicas,
    kek_rotation_interval_days: 30,
    refusals_in_5_minutes: 7,
  });
  for (const region of ['eu-central-1', ...replicas]) {
    const deps: Watched = {
      stage: 'acme',
      region,
      homeRegion: 'eu-central-1',
      replicaRegions: replicas,
      kekRotationIntervalDays: 30,
      refusalsIn5Minutes: 7,
    };
    compare(other, `acme-api-${region}`, apiRows(deps), 'acme');
    const copied = { from: region, to: '', end: region === 'us-west-2' ? 'usw2-in-euc1' : 'euc1-in-usw2' };
    compare(other, `acme-log-${region}`, [...logRows(deps), copyFailedRow('acme', copied)], 'acme', [LOST]);
    compare(other, `acme-refusals-${region}`, refusalRows(deps), 'acme', COMPARED);
    if (region === deps.homeRegion) compare(other, 'acme-operations', operationsRows(deps), 'acme');
  }
});

test('a threshold is in the unit of its metric', () => {
  const rows = [apiRows, operationsRows, logRows, refusalRows].flatMap((each) => each(STANDARD(HOME)));
  rows.push(copyFailedRow('keyward', COPIED[0]!));
  for (const { name, metric, unit } of rows) {
    const measured = MEASURED_IN[metric];
    if (measured === undefined)
      expect([name, ['ms', 's', 'days', 'hours', 'minutes'].includes(unit)]).toEqual([name, false]);
    else expect([name, unit]).toEqual([name, measured]);
  }
});

test('every alarm tells its own region, when it is raised and when it is over', () => {
  for (const [stack, region] of [
    ...REGIONS.map((each) => [`keyward-api-${each}`, each] as const),
    ...REGIONS.map((each) => [`keyward-log-${each}`, each] as const),
    ...COPIED.map(({ from, to }) => [`keyward-log-copy-${from}`, to] as const),
    ...REGIONS.map((each) => [`keyward-refusals-${each}`, each] as const),
    ['keyward-operations', HOME] as const,
  ]) {
    const template = synthesized().templates.get(stack)!;
    for (const [, { Properties }] of resourcesOf(template, 'AWS::CloudWatch::Alarm')) {
      expect(Properties['ActionsEnabled']).not.toBe(false);
      expect(Properties['InsufficientDataActions']).toBeUndefined();
      for (const actions of ['AlarmActions', 'OKActions']) {
        const topics = (Properties[actions] as unknown[]).map((each) => nameOf(template, each));
        const topic = !stack.startsWith('keyward-api-')
          ? `arn:aws:sns:${region}:${ACCOUNT}:keyward-alarms`
          : 'keyward-alarms';
        expect([Properties['AlarmName'], actions, topics]).toEqual([Properties['AlarmName'], actions, [topic]]);
      }
    }
  }
});

test('the queues that are watched are where what could not be served ends', () => {
  const template = synthesized().templates.get('keyward-operations')!;
  const nameOfArn = (value: unknown): unknown => nameOf(template, value);
  const queues = resourcesOf(template, 'AWS::SQS::Queue').map(([, { Properties }]) => Properties);
  const redrives = queues.flatMap(({ QueueName, RedrivePolicy }) =>
    RedrivePolicy === undefined
      ? []
      : [[QueueName, nameOfArn((RedrivePolicy as Record<string, unknown>)['deadLetterTargetArn'])]],
  );
  const schedules = resourcesOf(template, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => {
    const { DeadLetterConfig } = Properties['Target'] as { DeadLetterConfig: { Arn: unknown } };
    return [Properties['Name'], nameOfArn(DeadLetterConfig.Arn)];
  });
  expect(Object.fromEntries([...redrives, ...schedules])).toEqual({
    'keyward-rewrap': 'keyward-rewrap-dlq',
    'keyward-dek-rotation': 'keyward-dek-rotation-dlq',
    'keyward-rotate-kek': 'keyward-rotation-dlq',
    'keyward-sweep': 'keyward-sweep-dlq',
  });
  const watched = operationsRows(STANDARD(HOME)).flatMap(({ of }) => of.flatMap((each) => each['QueueName'] ?? []));
  const ends = [...redrives, ...schedules].map(([, queue]) => queue);
  expect(watched.sort()).toEqual(ends.sort());
});

test.each(REGIONS)('the rules and functions that are watched are there, in %s', (region) => {
  const names = (stack: string, type: string, property: string) =>
    resourcesOf(synthesized().templates.get(stack)!, type).map(([, { Properties }]) => Properties[property]);
  const rules = ['api', 'keys', 'log'].flatMap((stack) =>
    names(`keyward-${stack}-${region}`, 'AWS::Events::Rule', 'Name'),
  );
  const functions = names(`keyward-api-${region}`, 'AWS::Lambda::Function', 'FunctionName');
  const watched = (dimension: string) =>
    apiRows(STANDARD(region)).flatMap(({ of }) => of.flatMap((each) => each[dimension] ?? []));
  expect(rules).toEqual(expect.arrayContaining(watched('RuleName')));
  expect(functions).toEqual(expect.arrayContaining(watched('FunctionName')));
  // Includes every function of the region.
  const own = functions.filter((name) => String(name).startsWith('keyward-'));
  expect([...new Set(watched('FunctionName'))].sort()).toEqual(own.sort());
});
