import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, type App } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { API_FUNCTIONS, OPERATIONS_FUNCTIONS } from '../../lib/resource-names';
import { ENVIRONMENT } from '../../lambdas/core/environment';
import { ROUTES, type Route } from '../../lambdas/core/http/routes';
import { REGIONS, resourcesOf, synthesize, synthesized, templateOf, type Template } from './synthesized';

const functionsOf = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::Function').filter(
    ([, { Properties }]) => Properties['Handler'] === 'index.handler',
  );

describe('functions', () => {
  test.each([...API_FUNCTIONS, ...OPERATIONS_FUNCTIONS])('%s has an entry that exports handler', async (name) => {
    const entry = join(__dirname, '../../lambdas', name, 'handler.ts');
    expect(existsSync(entry)).toBe(true);
    const { handler } = (await import(entry)) as { handler: unknown };
    expect(typeof handler).toBe('function');
  });

  test('every region has those behind the API, home those of operations, each its own role and log group', () => {
    for (const region of REGIONS) {
      const template = templateOf(`keyward-api-${region}`);
      const names = functionsOf(template).map(([, { Properties }]) => Properties['FunctionName']);
      expect(names.toSorted()).toEqual(API_FUNCTIONS.map((name) => `keyward-${name}`).toSorted());
      for (const own of ['Role', 'LoggingConfig']) {
        const all = functionsOf(template).map(([, { Properties }]) => JSON.stringify(Properties[own]));
        expect(new Set(all).size).toBe(API_FUNCTIONS.length);
      }
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
    const routes = Object.values<Route>(ROUTES);
    expect(methods).toHaveLength(routes.length);
    const unsigned = methods.filter((method) => method['AuthorizationType'] !== 'AWS_IAM');
    expect(unsigned).toHaveLength(routes.filter((route) => !route.authenticated).length);
    expect(unsigned.map((method) => method['AuthorizationType'])).toEqual(['NONE']);
  });

  test('throttles every method, caches nothing, and traces no data', () => {
    const [stage] = resourcesOf(api(), 'AWS::ApiGateway::Stage');
    const settings = stage![1].Properties['MethodSettings'] as Record<string, unknown>[];
    expect(settings.every((each) => each['DataTraceEnabled'] === false && each['CachingEnabled'] === false)).toBe(true);
    const throttled = settings.filter((each) => each['ResourcePath'] !== '/*');
    expect(throttled).toHaveLength(Object.keys(ROUTES).length);
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

  test('has a firewall that refuses big bodies and busy addresses', () => {
    const [acl] = resourcesOf(api(), 'AWS::WAFv2::WebACL');
    expect(acl![1].Properties['Rules']).toMatchObject([
      {
        Action: { Block: {} },
        Statement: { SizeConstraintStatement: { Size: 65_536, FieldToMatch: { Body: { OversizeHandling: 'MATCH' } } } },
      },
      { Action: { Block: {} }, Statement: { RateBasedStatement: { Limit: 600_000, AggregateKeyType: 'IP' } } },
    ]);
    expect(resourcesOf(api(), 'AWS::WAFv2::WebACLAssociation')).toHaveLength(1);
  });
});

describe('the rotation', () => {
  const operations = () => templateOf('keyward-operations');

  test("has no timer of Secrets Manager's own, and does not run because of a deployment", () => {
    const [rotation] = resourcesOf(operations(), 'AWS::SecretsManager::RotationSchedule');
    expect(rotation![1].Properties).toMatchObject({ RotateImmediatelyOnUpdate: false });
    expect(rotation![1].Properties['RotationRules']).toBeUndefined();
  });

  test.each([
    [30, 'cron(0 3 1 * ? *)'],
    [60, 'cron(0 3 1 1/2 ? *)'],
    [90, 'cron(0 3 1 1/3 ? *)'],
  ])('every %i days is %s, with a role, retries and a dead-letter queue', (interval, expression) => {
    const { templates } = synthesize({ kek_rotation_interval_days: interval, grace_period_days: 7 });
    const [schedule] = resourcesOf(templates.get('keyward-operations')!, 'AWS::Scheduler::Schedule');
    expect(schedule![1].Properties).toMatchObject({
      ScheduleExpression: expression,
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:secretsmanager:rotateSecret',
        Input: '{"SecretId":"keyward/kek"}',
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400 },
        DeadLetterConfig: { Arn: expect.anything() as unknown },
        RoleArn: expect.anything() as unknown,
      },
    });
  });

  test('is followed by a queue that redelivers one message at a time, encrypted, with a dead-letter queue', () => {
    const [source] = resourcesOf(operations(), 'AWS::Lambda::EventSourceMapping');
    expect(source![1].Properties).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    const queues = resourcesOf(operations(), 'AWS::SQS::Queue').map(([, { Properties }]) => Properties);
    expect(queues.map((queue) => queue['QueueName']).toSorted()).toEqual([
      'keyward-rewrap',
      'keyward-rewrap-dlq',
      'keyward-rotation-dlq',
    ]);
    expect(queues.every((queue) => queue['KmsMasterKeyId'] !== undefined)).toBe(true);
    const rewrap = queues.find((queue) => queue['QueueName'] === 'keyward-rewrap')!;
    const { maxReceiveCount } = rewrap['RedrivePolicy'] as { maxReceiveCount: number };
    expect(maxReceiveCount * Number(rewrap['VisibilityTimeout'])).toBeGreaterThanOrEqual(12 * 3600);
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
  ...['AliasName', 'AlarmName', 'DashboardName', 'FunctionName', 'LogGroupName', 'ManagedPolicyName', 'Name'],
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
