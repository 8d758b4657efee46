import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from '../../../lambdas/core/contract/environment';
import {
  API_FUNCTIONS,
  GATEWAY_FUNCTIONS,
  INNER_FUNCTIONS,
  LOG_FUNCTIONS,
  OPERATIONS_FUNCTIONS,
} from '../../../lambdas/core/contract/functions';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { functionsOf, PROVIDERS, REGIONS, resourcesOf, synthesized, templateOf, type Resource } from '../synthesized';

const IN_EVERY_REGION = [...API_FUNCTIONS, ...INNER_FUNCTIONS];

describe('functions', () => {
  test.each([...IN_EVERY_REGION, ...LOG_FUNCTIONS, ...GATEWAY_FUNCTIONS, ...OPERATIONS_FUNCTIONS])(
    '%s has an entry that exports handler',
    async (name) => {
      const entry = join(__dirname, '../../../lambdas', name, 'handler.ts');
      expect(existsSync(entry)).toBe(true);
      const { handler } = (await import(entry)) as { handler: unknown };
      expect(typeof handler).toBe('function');
    },
  );

  test('every region has those behind the API, those that they ask and those of the log, home those of operations, each its own role and log group', () => {
    for (const region of REGIONS) {
      const template = templateOf(`keyward-api-${region}`);
      const names = functionsOf(template).map(([, { Properties }]) => Properties['FunctionName']);
      expect(names.toSorted()).toEqual(IN_EVERY_REGION.map((name) => `keyward-${name}`).toSorted());
      for (const own of ['Role', 'LoggingConfig']) {
        const all = functionsOf(template).map(([, { Properties }]) => JSON.stringify(Properties[own]));
        expect(new Set(all).size).toBe(IN_EVERY_REGION.length);
      }
    }
    for (const region of REGIONS) {
      const log = functionsOf(templateOf(`keyward-log-${region}`)).map(([, each]) => each.Properties['FunctionName']);
      expect(log.toSorted()).toEqual(LOG_FUNCTIONS.map((name) => `keyward-${name}`).toSorted());
      const refusals = functionsOf(templateOf(`keyward-refusals-${region}`));
      expect(refusals.map(([, each]) => each.Properties['FunctionName'])).toEqual(
        GATEWAY_FUNCTIONS.map((name) => `keyward-${name}`),
      );
    }
    const operations = functionsOf(templateOf('keyward-operations')).map(([, each]) => each.Properties['FunctionName']);
    expect(operations.toSorted()).toEqual(OPERATIONS_FUNCTIONS.map((name) => `keyward-${name}`).toSorted());
  });

  test('run on Node 24 and arm64, are not traced, and get variables that they know', () => {
    const known: readonly string[] = Object.values(ENVIRONMENT);
    for (const template of synthesized().templates.values()) {
      for (const [, { Properties }] of functionsOf(template)) {
        expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
        expect(Properties['TracingConfig']).toBeUndefined();
        const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
        expect(Object.keys(Variables).filter((name) => !known.includes(name))).toEqual([]);
      }
    }
  });

  test('rotate-kek lets in Secrets Manager alone, for this secret and account', () => {
    const permissions = resourcesOf(templateOf('keyward-operations'), 'AWS::Lambda::Permission');
    expect(permissions.map(([, { Properties }]) => Properties)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: expect.anything() as unknown,
        Principal: 'secretsmanager.amazonaws.com',
        SourceAccount: '111111111111',
        SourceArn: { 'Fn::ImportValue': expect.stringContaining('kek') as unknown },
      },
    ]);
  });
});

describe('the API', () => {
  const api = () => templateOf('keyward-api-eu-west-1');

  test('has the methods of the route table, signed but for what is public', () => {
    const methods = resourcesOf(api(), 'AWS::ApiGateway::Method').map(([, { Properties }]) => Properties);
    const routes = Object.values(OPERATIONS);
    expect(methods).toHaveLength(routes.length);
    const unsigned = methods.filter((method) => method['AuthorizationType'] !== 'AWS_IAM');
    expect(unsigned).toHaveLength(routes.filter((route) => !route.authenticated).length);
    // HEAD and GET of the one path.
    expect(unsigned.map((method) => method['AuthorizationType'])).toEqual(['NONE', 'NONE']);
  });

  test('throttles every method, caches nothing, and traces no data', () => {
    const [stage] = resourcesOf(api(), 'AWS::ApiGateway::Stage');
    const settings = stage![1].Properties['MethodSettings'] as Record<string, unknown>[];
    expect(settings.every((each) => each['DataTraceEnabled'] === false && each['CachingEnabled'] === false)).toBe(true);
    const throttled = settings.filter((each) => each['ResourcePath'] !== '/*');
    expect(throttled).toHaveLength(Object.keys(OPERATIONS).length);
    expect(throttled.every((each) => Number(each['ThrottlingRateLimit']) > 0)).toBe(true);
    expect(stage![1].Properties['CacheClusterEnabled']).toBeUndefined();
  });

  test('logs who asked and what was decided, as JSON, and never a body or a header', () => {
    const [stage] = resourcesOf(api(), 'AWS::ApiGateway::Stage');
    const { Format } = stage![1].Properties['AccessLogSetting'] as { Format: string };
    const values = Object.values(JSON.parse(Format) as Record<string, string>);
    for (const wanted of ['identity.userArn', 'identity.sourceIp', 'authorize.error', 'error.message']) {
      expect(values).toContain(`$context.${wanted}`);
    }
    expect(
      values.filter((value) => /\.(body|header|input|params|requestOverride|responseOverride)/i.test(value)),
    ).toEqual([]);
  });

  test("answers the gateway's own errors as problem documents", () => {
    const responses = resourcesOf(api(), 'AWS::ApiGateway::GatewayResponse').map(([, { Properties }]) => Properties);
    for (const response of responses) {
      const template = (response['ResponseTemplates'] as Record<string, string>)['application/json']!;
      const problem = JSON.parse(template) as Record<string, unknown>;
      expect(problem).toMatchObject({ type: 'about:blank', request_id: '$context.requestId' });
      expect(template.match(/\$context\.\w+/g)).toEqual(['$context.requestId']);
      expect(problem['status']).toBe(response['StatusCode'] === undefined ? undefined : Number(response['StatusCode']));
      expect(response['ResponseParameters']).toMatchObject({
        'gatewayresponse.header.content-type': "'application/problem+json'",
        'gatewayresponse.header.cache-control': "'no-store'",
      });
    }
    const types = responses.map((response) => response['ResponseType']);
    expect(types).toEqual(expect.arrayContaining(['DEFAULT_4XX', 'DEFAULT_5XX', 'ACCESS_DENIED', 'THROTTLED']));
  });

  test('has a firewall that refuses busy addresses and nothing else', () => {
    const [acl] = resourcesOf(api(), 'AWS::WAFv2::WebACL');
    expect(acl![1].Properties['Rules']).toMatchObject([
      { Action: { Block: {} }, Statement: { RateBasedStatement: { Limit: 600_000, AggregateKeyType: 'IP' } } },
    ]);
    expect(resourcesOf(api(), 'AWS::WAFv2::WebACLAssociation')).toHaveLength(1);
  });
});

describe('the rotations', () => {
  const operations = () => templateOf('keyward-operations');
  const queueOf = (name: string) =>
    resourcesOf(operations(), 'AWS::SQS::Queue').find(([, { Properties }]) => Properties['QueueName'] === name)!;
  const schedule = (name: string) =>
    resourcesOf(operations(), 'AWS::Scheduler::Schedule').find(([, { Properties }]) => Properties['Name'] === name)?.[1]
      .Properties;

  test("has no timer of Secrets Manager's own, and does not run because of a deployment", () => {
    const [rotation] = resourcesOf(operations(), 'AWS::SecretsManager::RotationSchedule');
    expect(rotation![1].Properties).toMatchObject({ RotateImmediatelyOnUpdate: false });
    expect(rotation![1].Properties['RotationRules']).toBeUndefined();
  });

  test.each([
    ['16 characters, as in the documentation', 'd32c5kddcf5bb8c3'],
    ['a UUID', '00000000-0000-4000-8000-000000000000'],
  ])('gives each rotation a token that Secrets Manager and rotate-kek take: where the id has %s', (_, id) => {
    const { Target } = schedule('keyward-rotate-kek') as { Target: { Input: string } };
    const { ClientRequestToken } = JSON.parse(Target.Input) as { ClientRequestToken: string };
    // API_RotateSecret: 32 to 64 characters; lambdas/rotate-kek/handler: these and no others.
    expect(ClientRequestToken.replace('<aws.scheduler.execution-id>', id)).toMatch(/^[A-Za-z0-9-]{32,64}$/);
  });

  test('bootstrap runs for other regions, providers and code, under the id that it always had', () => {
    const [[id, { Properties }]] = resourcesOf(operations(), 'Custom::KeywardBootstrap') as [[string, Resource]];
    expect(id).toBe('firstkeysrun988513EA');
    expect(Properties).toMatchObject({ regions: REGIONS, providers: PROVIDERS, code: expect.anything() as unknown });
  });

  test.each([
    ['keyward-rewrap', 'rewrap-deks', 12],
    ['keyward-dek-rotation', 'rotation-worker', 2],
  ])('the queue %s redelivers one message of %s at a time, for %i hours at least', (name, of, hours) => {
    const [queueId, { Properties: queue }] = queueOf(name);
    const source = resourcesOf(operations(), 'AWS::Lambda::EventSourceMapping').find(([, { Properties }]) =>
      JSON.stringify(Properties['EventSourceArn']).includes(queueId),
    )!;
    expect(source[1].Properties).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    const worker = functionsOf(operations()).find(([, each]) => each.Properties['FunctionName'] === `keyward-${of}`)!;
    expect(JSON.stringify(source[1].Properties['FunctionName'])).toContain(worker[0]);
    expect(Number(queue['VisibilityTimeout'])).toBeGreaterThanOrEqual(6 * Number(worker[1].Properties['Timeout']));
    const { maxReceiveCount, deadLetterTargetArn } = queue['RedrivePolicy'] as Record<string, unknown>;
    expect(Number(maxReceiveCount) * Number(queue['VisibilityTimeout'])).toBeGreaterThanOrEqual(hours * 3600);
    expect(JSON.stringify(deadLetterTargetArn)).toContain(queueOf(`${name}-dlq`)[0]);
  });

  test('few workers at a time: callers keep their share', () => {
    const scaling = resourcesOf(operations(), 'AWS::Lambda::EventSourceMapping').map(
      ([, { Properties }]) => Properties['ScalingConfig'],
    );
    expect(scaling.filter((each) => each !== undefined)).toEqual([{ MaximumConcurrency: 4 }]);
  });

  test('all queues are encrypted, and keep what nobody could serve for two weeks', () => {
    const queues = resourcesOf(operations(), 'AWS::SQS::Queue').map(([, { Properties }]) => Properties);
    expect(queues.map((queue) => queue['QueueName']).toSorted()).toEqual([
      'keyward-dek-rotation',
      'keyward-dek-rotation-dlq',
      'keyward-rewrap',
      'keyward-rewrap-dlq',
      'keyward-rotation-dlq',
      'keyward-sweep-dlq',
    ]);
    expect(queues.every((queue) => queue['KmsMasterKeyId'] !== undefined)).toBe(true);
    expect(queues.every((queue) => queue['MessageRetentionPeriod'] === 14 * 86_400)).toBe(true);
  });

  test('the sweep runs every hour, not with the deployment, and is given what it takes', () => {
    expect(schedule('keyward-sweep')).toMatchObject({
      ScheduleExpression: 'cron(17 * * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [expect.stringContaining('sweep') as unknown, 'Arn'] },
        Input: '{"keyward":"sweep"}',
        RetryPolicy: { MaximumEventAgeInSeconds: 3000 },
        DeadLetterConfig: { Arn: expect.anything() as unknown },
        RoleArn: expect.anything() as unknown,
      },
    });
    const [sweep] = functionsOf(operations()).filter(([, each]) => each.Properties['FunctionName'] === 'keyward-sweep');
    expect(sweep![1].Properties['Timeout']).toBe(900);
  });
});
