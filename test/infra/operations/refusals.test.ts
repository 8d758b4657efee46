import { isAllowed } from '../simulated-iam';
import { ACCOUNT, HOME, REGIONS, resourcesOf, synthesized, templateOf, type Resource } from '../synthesized';
import { synthesize } from '../synthesize';
import { ACCESS_LOG } from '../../doubles/access-log';
import { allBut, arn, cases, may, of, table, where } from './function-cases';

const stackOf = (region: string) => templateOf(`keyward-refusals-${region}`);
const only = (region: string, type: string): [id: string, resource: Resource] => {
  const found = resourcesOf(stackOf(region), type);
  expect(found).toHaveLength(1);
  return found[0] as [string, Resource];
};
const queue = (region: string): string => arn('sqs', region, 'keyward-refusals-failed');

describe('what record-refusals may do', () => {
  test.each(of('record-refusals'))('in $region it adds events where it runs, and no more', async ({ name, region }) => {
    for (const action of ['PutItem', 'PartiQLInsert']) {
      expect(await where(name, region, `dynamodb:${action}`, (at) => table('audit', at))).toEqual([region]);
    }
    for (const action of [
      ...['GetItem', 'Query', 'Scan', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLSelect', 'PartiQLUpdate'],
      ...['PartiQLDelete', 'DescribeTable', 'UpdateTimeToLive'],
    ]) {
      for (const each of ['audit', 'keysets', 'credentials', 'rotations']) {
        expect([action, each, await where(name, region, `dynamodb:${action}`, (at) => table(each, at))]).toEqual([
          action,
          each,
          [],
        ]);
      }
    }
  });

  test.each(of('record-refusals'))('in $region it reads no log, its own and the access log included', async (each) => {
    const { name, region } = each;
    for (const group of [ACCESS_LOG, '/aws/lambda/keyward-record-refusals']) {
      for (const action of ['FilterLogEvents', 'StartQuery', 'PutSubscriptionFilter']) {
        const groupArn = arn('logs', region, `log-group:${group}`);
        expect([group, action, await may(name, region, `logs:${action}`, groupArn)]).toEqual([group, action, false]);
      }
    }
    // So no line of it can come back to it.
    const stream = (group: string): string => arn('logs', region, `log-group:${group}:log-stream:x`);
    expect(await may(name, region, 'logs:GetLogEvents', stream(ACCESS_LOG))).toBe(false);
    expect(await may(name, region, 'logs:PutLogEvents', stream(ACCESS_LOG))).toBe(false);
    expect(await may(name, region, 'logs:PutLogEvents', stream('/aws/lambda/keyward-record-refusals'))).toBe(true);
  });

  test.each(of('record-refusals'))(
    'in $region it puts what failed into its queue, and takes nothing out',
    async (each) => {
      const { name, region } = each;
      expect(await where(name, region, 'sqs:SendMessage', queue)).toEqual([region]);
      for (const action of ['ReceiveMessage', 'DeleteMessage', 'PurgeQueue']) {
        expect([action, await where(name, region, `sqs:${action}`, queue)]).toEqual([action, []]);
      }
    },
  );

  test.each(allBut('record-refusals'))('$name in $region does not use that queue', async ({ name, region }) => {
    expect(await where(name, region, 'sqs:SendMessage', queue)).toEqual([]);
  });

  test.each(cases)('$name in $region does not invoke it', async ({ name, region }) => {
    const recorder = (at: string): string => arn('lambda', at, 'function:keyward-record-refusals');
    expect(await where(name, region, 'lambda:InvokeFunction', recorder)).toEqual([]);
  });
});

describe.each(REGIONS)('in %s', (region) => {
  test('CloudWatch Logs alone invokes it, for this log and account', async () => {
    const [, { Properties }] = only(region, 'AWS::Lambda::Permission');
    expect(Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [expect.stringContaining('recordrefusals') as unknown, 'Arn'] },
      Principal: 'logs.amazonaws.com',
      SourceAccount: ACCOUNT,
      SourceArn: arn('logs', region, `log-group:${ACCESS_LOG}:*`),
    });
    const recorder = arn('lambda', region, 'function:keyward-record-refusals');
    // A policy of the function as Lambda makes it of the permission.
    const resourcePolicy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: Properties['Principal'] },
          Action: Properties['Action'],
          Resource: recorder,
          Condition: {
            StringEquals: { 'AWS:SourceAccount': Properties['SourceAccount'] },
            ArnLike: { 'AWS:SourceArn': Properties['SourceArn'] },
          },
        },
      ],
    };
    const asked = (group: string, account: string) =>
      isAllowed({
        principal: 'logs.amazonaws.com',
        policies: [],
        action: 'lambda:InvokeFunction',
        resource: recorder,
        resourcePolicy,
        context: {
          'aws:PrincipalIsAWSService': 'true',
          'aws:SourceAccount': account,
          'aws:SourceArn': `arn:aws:logs:${region}:${account}:log-group:${group}:*`,
        },
      });
    expect(await asked(ACCESS_LOG, ACCOUNT)).toBe(true);
    expect(await asked('/aws/lambda/keyward-record-refusals', ACCOUNT)).toBe(false);
    expect(await asked(ACCESS_LOG, '222222222222')).toBe(false);
  });

  test('it subscribes to the log that the API makes, once it may be invoked', () => {
    const [, { Properties, ...subscription }] = only(region, 'AWS::Logs::SubscriptionFilter');
    expect(Properties).toMatchObject({
      LogGroupName: ACCESS_LOG,
      FilterName: 'keyward-refusals',
      DestinationArn: { 'Fn::GetAtt': [only(region, 'AWS::Lambda::Function')[0], 'Arn'] },
    });
    expect((subscription as { DependsOn?: readonly string[] }).DependsOn).toContain(
      only(region, 'AWS::Lambda::Permission')[0],
    );
    const made = resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::Logs::LogGroup');
    expect(made.map(([, each]) => each.Properties['LogGroupName'])).toContain(ACCESS_LOG);
    expect(synthesized().dependencies.get(`keyward-refusals-${region}`)).toContain(`keyward-api-${region}`);
  });

  test('the access log has room for the patterns: five with regular expressions, two subscriptions', () => {
    const filters = [`keyward-api-${region}`, `keyward-refusals-${region}`].flatMap((stack) => [
      ...resourcesOf(templateOf(stack), 'AWS::Logs::MetricFilter'),
      ...resourcesOf(templateOf(stack), 'AWS::Logs::SubscriptionFilter'),
    ]);
    const patterns = filters.map(([, { Properties }]) => String(Properties['FilterPattern']));
    expect(patterns.filter((each) => each.startsWith('%')).length).toBeLessThanOrEqual(5);
    expect(resourcesOf(stackOf(region), 'AWS::Logs::SubscriptionFilter')).toHaveLength(1);
  });

  test('Lambda tries three times in six hours, and what fails for good is kept for two weeks', () => {
    const [queueId, { Properties }] = only(region, 'AWS::SQS::Queue');
    expect(only(region, 'AWS::Lambda::EventInvokeConfig')[1].Properties).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [queueId, 'Arn'] } } },
    });
    expect(Properties).toMatchObject({
      QueueName: 'keyward-refusals-failed',
      MessageRetentionPeriod: 1_209_600,
      KmsMasterKeyId: expect.anything() as unknown,
    });
    const [, recorder] = only(region, 'AWS::Lambda::Function');
    expect(recorder.Properties).toMatchObject({ Timeout: 20, MemorySize: 512 });
    expect(recorder.Properties['ReservedConcurrentExecutions']).toBeUndefined();
  });

  test('alarms about it look at its parts, by their names', () => {
    const metrics = (name: string) =>
      resourcesOf(stackOf(region), 'AWS::CloudWatch::Alarm').find(
        ([, { Properties }]) => Properties['AlarmName'] === `keyward-${name}`,
      )![1].Properties;
    const dimensions = (of: Readonly<Record<string, string>>) =>
      Object.entries(of).map(([Name, Value]) => ({ Name, Value }));
    expect(metrics('refusals-not-delivered')).toMatchObject({
      Threshold: 0,
      EvaluationPeriods: 2,
      TreatMissingData: 'notBreaching',
      Metrics: [
        { Expression: 'IF(FILL(refused, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)' },
        {
          Id: 'refused',
          MetricStat: {
            Metric: { Namespace: 'Keyward/keyward', MetricName: 'unauthorized_access' },
            Period: 900,
            Stat: 'Sum',
          },
          ReturnData: false,
        },
        {
          Id: 'delivered',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Logs',
              MetricName: 'ForwardedLogEvents',
              Dimensions: dimensions({
                DestinationType: 'Lambda',
                FilterName: 'keyward-refusals',
                LogGroupName: ACCESS_LOG,
              }),
            },
            Period: 900,
            Stat: 'Sum',
          },
          ReturnData: false,
        },
      ],
    });
    expect(metrics('refusals-unlogged')).toMatchObject({
      Threshold: 100,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      Metrics: [
        { Expression: 'FILL(all, 0) - FILL(logged, 0)' },
        {
          Id: 'all',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/ApiGateway',
              MetricName: '4XXError',
              Dimensions: dimensions({ ApiName: 'keyward-api' }),
            },
            Period: 3600,
            Stat: 'Sum',
          },
        },
        {
          Id: 'logged',
          MetricStat: {
            Metric: { Namespace: 'Keyward/keyward', MetricName: 'logged_client_errors' },
            Period: 3600,
            Stat: 'Sum',
          },
        },
      ],
    });
    expect(only(region, 'AWS::Logs::MetricFilter')[1].Properties).toMatchObject({
      LogGroupName: ACCESS_LOG,
      MetricTransformations: [{ MetricNamespace: 'Keyward/keyward', MetricName: 'logged_client_errors' }],
    });
  });
});

test('refusals are recorded with and without a transparency log', () => {
  const { templates } = synthesize({ transparency_log: { enabled: false }, replica_regions: [] });
  expect([...templates.keys()].filter((each) => each.startsWith('keyward-log-'))).toEqual([]);
  const template = templates.get(`keyward-refusals-${HOME}`)!;
  expect(resourcesOf(template, 'AWS::Logs::SubscriptionFilter')).toHaveLength(1);
});
