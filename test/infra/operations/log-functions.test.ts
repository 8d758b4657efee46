import { isAllowed, policiesOfRole, roleArn, type Policy } from '../simulated-iam';
import { HOME, REGIONS, resourcesOf, templateOf } from '../synthesized';
import { allBut, of, table, where } from './function-cases';

const EVERYTHING: Policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

describe('the stream of the audit table', () => {
  const stream = (region: string): string => `${table('audit', region)}/stream/2026-11-27T18:00:00.000`;
  const READS = ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => `dynamodb:${action}`);

  test.each(of('archive-events'))('archive-events in $region reads that of its region', async ({ name, region }) => {
    for (const action of READS) expect([action, await where(name, region, action, stream)]).toEqual([action, [region]]);
  });

  test.each(allBut('archive-events'))('$name in $region reads none', async ({ name, region }) => {
    for (const action of READS) expect([action, await where(name, region, action, stream)]).toEqual([action, []]);
  });

  test.each(REGIONS)('in %s it is asked for by its name, and again for other regions', (region) => {
    const template = templateOf(`keyward-log-${region}`);
    const [[id, { Properties }]] = resourcesOf(template, 'Custom::KeywardAuditStream') as [
      ReturnType<typeof resourcesOf>[number],
    ];
    const call = JSON.parse(String(Properties['Update'])) as Record<string, unknown>;
    expect(call).toMatchObject({
      service: 'DynamoDB',
      action: 'describeTable',
      parameters: { TableName: 'keyward-audit' },
      // Without an answer there is no id, and the deployment fails.
      physicalResourceId: { responsePath: 'Table.LatestStreamArn' },
    });
    expect(Properties['Regions']).toEqual(REGIONS);
    const [[, mapping]] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping') as [
      ReturnType<typeof resourcesOf>[number],
    ];
    expect(mapping.Properties['EventSourceArn']).toEqual({ 'Fn::GetAtt': [id, 'Table.LatestStreamArn'] });
  });

  test.each(REGIONS)('in %s nothing of it is lost: from its beginning, for 20 hours, then into a bucket', (region) => {
    const template = templateOf(`keyward-log-${region}`);
    const [[, { Properties }]] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping') as [
      ReturnType<typeof resourcesOf>[number],
    ];
    expect(Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 72_000,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringContaining('failedbatches') as unknown, 'Arn'] } },
      },
    });
    // Left out: without an end.
    expect(Properties['MaximumRetryAttempts']).toBeUndefined();
    expect(Number(Properties['BatchSize'])).toBeLessThanOrEqual(10_000);
  });

  /** An event that is changed to another region, or to none, or is removed, has only an old image that says whose it was. */
  test.each(REGIONS)('in %s it is filtered by what an event says before or after the change', (region) => {
    const [[, { Properties }]] = resourcesOf(
      templateOf(`keyward-log-${region}`),
      'AWS::Lambda::EventSourceMapping',
    ) as [ReturnType<typeof resourcesOf>[number]];
    const { Filters } = Properties['FilterCriteria'] as { Filters: { Pattern: string }[] };
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown)).toEqual([
      { dynamodb: { NewImage: { region: { S: [region] } } } },
      { dynamodb: { OldImage: { region: { S: [region] } } } },
    ]);
  });
});

describe('publish-checkpoint', () => {
  test.each(of('publish-checkpoint'))('in $region writes no event, whatever else it is given', async ({ region }) => {
    const role = `keyward-publish-checkpoint-${region}`;
    const policies = [...policiesOfRole(role), EVERYTHING];
    for (const action of [
      ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'],
      ...['UpdateTimeToLive', 'DeleteTable'],
    ]) {
      for (const at of REGIONS) {
        const asked = {
          principal: roleArn(role),
          policies,
          action: `dynamodb:${action}`,
          resource: table('audit', at),
        };
        expect([action, at, await isAllowed(asked)]).toEqual([action, at, false]);
      }
    }
  });

  test.each(REGIONS)('in %s runs every hour, after the hour, and has what it needs', (region) => {
    const template = templateOf(`keyward-log-${region}`);
    const [[, schedule]] = resourcesOf(template, 'AWS::Scheduler::Schedule') as [
      ReturnType<typeof resourcesOf>[number],
    ];
    expect(schedule.Properties).toMatchObject({
      Name: 'keyward-publish-checkpoint',
      ScheduleExpression: 'cron(7 * * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [expect.stringContaining('publishcheckpoint') as unknown, 'Arn'] },
        Input: '{"keyward":"publish-checkpoint"}',
        RetryPolicy: { MaximumEventAgeInSeconds: 3000 },
        DeadLetterConfig: { Arn: expect.anything() as unknown },
      },
    });
    const [, { Properties }] = resourcesOf(template, 'AWS::Lambda::Function').find(
      ([, each]) => each.Properties['FunctionName'] === 'keyward-publish-checkpoint',
    )!;
    expect(Properties).toMatchObject({ Timeout: 900, MemorySize: 1769 });
    expect(Properties['ReservedConcurrentExecutions']).toBeUndefined();
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    for (const [variable, key] of [
      ['KEYWARD_LOG_KEY', 'signinglog'],
      ['KEYWARD_LOG_COSIGNER_KEY', 'signingcosigner'],
    ] as const) {
      expect(Variables[variable]).toEqual({ 'Fn::GetAtt': [expect.stringContaining(key) as unknown, 'Arn'] });
    }
  });

  test('its schedule invokes it in its region, and does nothing else', async () => {
    const role = `keyward-publish-schedule-${HOME}`;
    for (const region of REGIONS) {
      for (const name of ['publish-checkpoint', 'archive-events', 'sweep']) {
        const answer = await isAllowed({
          principal: roleArn(role),
          policies: policiesOfRole(role),
          action: 'lambda:InvokeFunction',
          resource: `arn:aws:lambda:${region}:111111111111:function:keyward-${name}`,
        });
        expect([region, name, answer]).toEqual([region, name, region === HOME && name === 'publish-checkpoint']);
      }
    }
  });
});
