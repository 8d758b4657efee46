import { Stack, type App } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { synthesize } from '../synthesize';
import {
  functionsOf,
  HOME,
  REGIONS,
  resourcesOf,
  synthesized,
  templateOf,
  type Synthesized,
  type Template,
} from '../synthesized';

test('each gets what it reads of its own, and no other function does', () => {
  const own: Readonly<Record<string, readonly string[]>> = {
    KEYWARD_REWRAP_QUEUE_URL: ['rotate-kek'],
    KEYWARD_ROTATION_QUEUE_URL: ['rotation-worker', 'rotations', 'sweep'],
    KEYWARD_PROVE_KEYSET_FUNCTION: ['rotation-worker', 'rotations', 'sweep'],
    KEYWARD_GRACE_PERIOD_DAYS: ['bootstrap'],
    KEYWARD_KEK_ROTATION_INTERVAL_DAYS: ['rotations', 'sweep'],
    // Which keeps and shows previous values, and which erases them.
    KEYWARD_PREVIOUS_VALUE_DAYS: ['credentials', 'rotation-worker'],
    KEYWARD_ARCHIVE_BUCKET: ['archive-events', 'audit', 'publish-checkpoint'],
    KEYWARD_LOG_BUCKET: ['archive-events', 'audit', 'publish-checkpoint'],
    KEYWARD_LOG_OWNER: ['archive-events', 'audit', 'publish-checkpoint'],
    KEYWARD_FAILED_BATCHES_BUCKET: ['archive-events'],
    KEYWARD_RECONCILIATION_QUEUE_URL: ['archive-events'],
    KEYWARD_LOG_KEY: ['publish-checkpoint'],
    KEYWARD_LOG_COSIGNER_KEY: ['publish-checkpoint'],
    KEYWARD_WITNESS_BUCKET: ['publish-checkpoint'],
    KEYWARD_WITNESS_REGION: ['publish-checkpoint'],
    KEYWARD_PUBLISH_FUNCTION: ['audit'],
  };
  const { templates } = synthesize({
    kek_rotation_interval_days: 60,
    grace_period_days: 3,
    previous_value_days: 0,
    transparency_log: { owner: 'audit.example.com', witness_bucket: 'witness.example' },
  });
  const found = new Map<string, Set<string>>();
  const values = new Map<string, unknown>();
  for (const [, { Properties }] of [...templates.values()].flatMap(functionsOf)) {
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    const name = String(Properties['FunctionName']).replace('keyward-', '');
    for (const variable of Object.keys(own).filter((each) => each in Variables)) {
      found.set(variable, (found.get(variable) ?? new Set()).add(name));
      values.set(variable, Variables[variable]);
    }
  }
  const names = Object.fromEntries([...found].map(([variable, each]) => [variable, [...each].toSorted()]));
  expect(names).toEqual(own);
  expect(Object.fromEntries(values)).toMatchObject({
    KEYWARD_ROTATION_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111111111111/keyward-dek-rotation',
    KEYWARD_PROVE_KEYSET_FUNCTION: 'keyward-prove-keyset',
    KEYWARD_GRACE_PERIOD_DAYS: '3',
    KEYWARD_KEK_ROTATION_INTERVAL_DAYS: '60',
    KEYWARD_PREVIOUS_VALUE_DAYS: '0',
    KEYWARD_ARCHIVE_BUCKET: 'keyward-archive-111111111111',
    KEYWARD_LOG_BUCKET: 'keyward-log-111111111111',
    KEYWARD_LOG_OWNER: 'audit.example.com',
    KEYWARD_WITNESS_BUCKET: 'witness.example',
    KEYWARD_WITNESS_REGION: 'us-east-1',
    KEYWARD_PUBLISH_FUNCTION: 'keyward-publish-checkpoint',
  });
});

const made = new Map<number, Synthesized['templates']>();
/** Synthesized once for each interval, and for the home region alone, where the schedule and the alarm are. */
function rotatedEvery(days: number): Synthesized['templates'] {
  const overrides = { kek_rotation_interval_days: days, grace_period_days: 7, replica_regions: [] };
  const templates = made.get(days) ?? synthesize(overrides).templates;
  made.set(days, templates);
  return templates;
}

const schedule = (name: string, template: Template) =>
  resourcesOf(template, 'AWS::Scheduler::Schedule').find(([, { Properties }]) => Properties['Name'] === name)?.[1]
    .Properties;

test.each([
  [30, 'cron(0 3 1 * ? *)'],
  [60, 'cron(0 3 1 1/2 ? *)'],
  [90, 'cron(0 3 1 1/3 ? *)'],
])('every %i days is %s, with a role, retries and a dead-letter queue', (interval, expression) => {
  expect(schedule('keyward-rotate-kek', rotatedEvery(interval).get('keyward-operations')!)).toMatchObject({
    ScheduleExpression: expression,
    Target: {
      Arn: 'arn:aws:scheduler:::aws-sdk:secretsmanager:rotateSecret',
      Input: '{"SecretId":"keyward/kek","ClientRequestToken":"keyward-kek-rotation-<aws.scheduler.execution-id>"}',
      RetryPolicy: { MaximumEventAgeInSeconds: 86_400 },
      DeadLetterConfig: { Arn: expect.anything() as unknown },
      RoleArn: expect.anything() as unknown,
    },
  });
});

test("neither CDK's own check of the templates nor cdk-nag finds anything that is not acknowledged", () => {
  expect(synthesize({}, { checkTemplates: true }).report.pluginReports).toEqual([]);
});

test('cdk-nag does look: what is not acknowledged stops the synthesis', () => {
  const careless = (app: App): void => {
    new Queue(new Stack(app, 'careless'), 'queue');
  };
  expect(() => synthesize({}, { extend: careless })).toThrow('AwsSolutions-SQS4');
});

test('two stages share no name', () => {
  const [one, other] = [synthesized(), synthesize({ stage: 'staging' })];
  const [namesOfOne, namesOfOther] = [one, other].map(({ templates }) => new Set(allNames(templates)));
  expect([...namesOfOne!].filter((name) => namesOfOther!.has(name))).toEqual([]);
  expect(namesOfOne!.size).toBeGreaterThan(100);
});

const NAMES = [
  ...[
    'AliasName',
    'AlarmName',
    'BucketName',
    'DashboardName',
    'FunctionName',
    'LogGroupName',
    'ManagedPolicyName',
    'Name',
  ],
  ...['QueueName', 'RoleName', 'TableName', 'TopicName'],
];

/** The names of resources that must be unique in an account and region, with the region. */
function* allNames(templates: ReadonlyMap<string, Template>): Generator<string> {
  for (const [stack, { Resources }] of templates) {
    yield stack;
    for (const { Type, Properties } of Object.values(Resources)) {
      const name = NAMES.map((each) => Properties[each]).find((each) => typeof each === 'string');
      if (name !== undefined) yield `${Type} ${name}`;
    }
  }
}

test('how many refusals are usual is configured', () => {
  const { templates } = synthesize({ refusals_in_5_minutes: 7, replica_regions: [] });
  const alarms = resourcesOf(templates.get(`keyward-api-${HOME}`)!, 'AWS::CloudWatch::Alarm');
  const [, alarm] = alarms.find(([, { Properties }]) => Properties['AlarmName'] === 'keyward-unauthorized-access')!;
  expect(alarm.Properties).toMatchObject({ Threshold: 7, ComparisonOperator: 'GreaterThanThreshold', Period: 300 });
});

test('the KEK may be older than its interval by a week', () => {
  const ages = [30, 90].map((days) => {
    const alarms = resourcesOf(rotatedEvery(days).get(`keyward-api-${HOME}`)!, 'AWS::CloudWatch::Alarm');
    return alarms.find(([, { Properties }]) => Properties['AlarmName'] === 'keyward-kek-age')![1].Properties[
      'Threshold'
    ];
  });
  expect(ages).toEqual([37, 97]);
});

test('an address is told if one is configured', () => {
  const { templates } = synthesize({ alarm_email: 'on-call@example.com' });
  for (const region of REGIONS) {
    const subscriptions = resourcesOf(templates.get(`keyward-api-${region}`)!, 'AWS::SNS::Subscription');
    expect(subscriptions.map(([, each]) => each.Properties['Endpoint'])).toEqual(['on-call@example.com']);
    expect(resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::SNS::Subscription')).toEqual([]);
  }
});
