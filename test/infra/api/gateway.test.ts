import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { synthesize } from '../synthesize';
import { REGIONS, resourcesOf, templateOf, type Template } from '../synthesized';

const routes = Object.values(OPERATIONS);
const only = (template: Template, type: string): Record<string, unknown> =>
  resourcesOf(template, type)[0]![1].Properties;

interface MethodSetting {
  readonly HttpMethod: string;
  readonly ResourcePath: string;
  readonly ThrottlingRateLimit?: number;
  readonly ThrottlingBurstLimit?: number;
}

/** "The path value /resource/subresource must be encoded as /~1resource~1subresource" (AWS::ApiGateway::Stage MethodSetting). */
const settingOf = (route: Operation, template: Template): MethodSetting | undefined =>
  (only(template, 'AWS::ApiGateway::Stage')['MethodSettings'] as readonly MethodSetting[]).find(
    (each) => each.HttpMethod === route.method && each.ResourcePath === `/${route.path.replaceAll('/', '~1')}`,
  );

test('the configured throttle is that of every signed method; what needs no signature gets little', () => {
  const throttles = { requests_per_second: 70, burst: 90, requests_per_address_in_5_minutes: 12_345 };
  const { templates } = synthesize({ throttles, replica_regions: [] });
  const template = templates.get('keyward-api-us-east-1')!;
  for (const route of routes) {
    expect([route.path, settingOf(route, template)]).toEqual([
      route.path,
      expect.objectContaining(
        route.authenticated
          ? { ThrottlingRateLimit: 70, ThrottlingBurstLimit: 90 }
          : { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
      ),
    ]);
  }
  expect(only(template, 'AWS::WAFv2::WebACL')['Rules']).toMatchObject([
    { Statement: { RateBasedStatement: { Limit: 12_345, EvaluationWindowSec: 300 } } },
  ]);
});

test.each(REGIONS)('in %s: regional, TLS 1.2 or later, its logs without samples of requests', (region) => {
  const template = templateOf(`keyward-api-${region}`);
  expect(only(template, 'AWS::ApiGateway::RestApi')).toMatchObject({
    EndpointConfiguration: { Types: ['REGIONAL'] },
    SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PQ_2025_09',
    EndpointAccessMode: 'BASIC',
  });
  const acl = only(template, 'AWS::WAFv2::WebACL');
  const visibilities = [acl, ...(acl['Rules'] as Record<string, unknown>[])].map((each) => each['VisibilityConfig']);
  expect(visibilities).toHaveLength(2);
  for (const each of visibilities) expect(each).toMatchObject({ SampledRequestsEnabled: false });
  // No rule looks at bodies, so none is forwarded beyond what costs nothing.
  expect(JSON.stringify(acl)).not.toMatch(/Body|AssociationConfig/);
});

test.each(REGIONS)('in %s each function that has routes may be invoked by the stage of this API alone', (region) => {
  const template = templateOf(`keyward-api-${region}`);
  const [[api]] = resourcesOf(template, 'AWS::ApiGateway::RestApi') as [readonly [string, unknown]];
  const { StageName: stage } = only(template, 'AWS::ApiGateway::Stage');
  const permissions = resourcesOf(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => {
    const { Action, Principal, FunctionName, SourceArn } = Properties;
    const [, parts] = (SourceArn as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    const arn = parts.map((part) => (typeof part === 'string' ? part : (part as { Ref: string }).Ref)).join('');
    const [functionId] = (FunctionName as { 'Fn::GetAtt': [string] })['Fn::GetAtt'];
    const name = template.Resources[functionId]!.Properties['FunctionName'];
    return { Action, Principal, name, arn };
  });
  const expected = [...new Set(routes.map((route) => route.function))].map((name) => ({
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    name: `keyward-${name}`,
    // Not `test-invoke-stage`, from which the console asks a method without its authorizer.
    arn: `arn:AWS::Partition:execute-api:${region}:111111111111:${api}/${String(stage)}/*/*`,
  }));
  const inOrder = (list: readonly { name: unknown }[]): unknown =>
    list.toSorted((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
  expect(inOrder(permissions)).toEqual(inOrder(expected));
  expect(stage).toBe('live');
});

test.each(REGIONS)('in %s each method asks the function of its route, and hands on its whole answer', (region) => {
  const template = templateOf(`keyward-api-${region}`);
  const pathOf = (id: unknown): string => {
    const { Ref } = id as { Ref?: string };
    const { PathPart, ParentId } = (Ref === undefined ? {} : template.Resources[Ref]!.Properties) as {
      PathPart?: string;
      ParentId?: unknown;
    };
    return PathPart === undefined ? '' : `${pathOf(ParentId)}/${PathPart}`;
  };
  const found = resourcesOf(template, 'AWS::ApiGateway::Method').map(([, { Properties }]) => {
    const integration = Properties['Integration'] as { Type: string; IntegrationHttpMethod: string; Uri: unknown };
    const [, functionId] = /"Fn::GetAtt":\["(\w+)","Arn"\]/.exec(JSON.stringify(integration.Uri))!;
    const name = template.Resources[functionId!]!.Properties['FunctionName'];
    const how = `${integration.Type} ${integration.IntegrationHttpMethod}`;
    return [`${String(Properties['HttpMethod'])} ${pathOf(Properties['ResourceId'])}`, how, name];
  });
  const expected = routes.map((route) => [
    `${route.method} ${route.path}`,
    'AWS_PROXY POST',
    `keyward-${route.function}`,
  ]);
  expect(found.toSorted()).toEqual(expected.toSorted());
});

test.each(REGIONS)('in %s no method answers browsers of other sites: nothing allows an origin', (region) => {
  const template = templateOf(`keyward-api-${region}`);
  const methods = resourcesOf(template, 'AWS::ApiGateway::Method').map(
    ([, { Properties }]) => Properties['HttpMethod'],
  );
  expect(methods).toContain('PATCH');
  expect(methods).not.toContain('OPTIONS');
  expect(JSON.stringify(template)).not.toMatch(/access-control-allow/i);
});

/**
 * The causes that the API Gateway Developer Guide lists, "Gateway response types", without those that need what this API lacks: API
 * keys and usage plans, request validators, authorizer functions. The default types would answer them.
 */
const CAUSES = [
  ...['ACCESS_DENIED', 'API_CONFIGURATION_ERROR', 'DEFAULT_4XX', 'DEFAULT_5XX', 'EXPIRED_TOKEN'],
  ...['INTEGRATION_FAILURE', 'INTEGRATION_TIMEOUT', 'INVALID_SIGNATURE', 'MISSING_AUTHENTICATION_TOKEN'],
  ...['REQUEST_TOO_LARGE', 'RESOURCE_NOT_FOUND', 'THROTTLED', 'UNAUTHORIZED'],
  ...['UNSUPPORTED_MEDIA_TYPE', 'WAF_FILTERED'],
];

test.each(REGIONS)(
  'in %s nothing can be refused by an API key, a usage plan, a validator or an authorizer',
  (region) => {
    const template = templateOf(`keyward-api-${region}`);
    for (const type of ['ApiKey', 'UsagePlan', 'RequestValidator', 'Authorizer']) {
      expect([type, resourcesOf(template, `AWS::ApiGateway::${type}`)]).toEqual([type, []]);
    }
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::ApiGateway::Method')) {
      expect([id, Properties['RequestValidatorId'], Properties['ApiKeyRequired'] ?? false]).toEqual([
        id,
        undefined,
        false,
      ]);
    }
  },
);

test.each(REGIONS)('in %s every cause of an error of the gateway has a problem document', (region) => {
  const responses = resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::ApiGateway::GatewayResponse');
  expect(responses.map(([, { Properties }]) => Properties['ResponseType']).toSorted()).toEqual(CAUSES);
  for (const [, { Properties }] of responses) {
    const text = (Properties['ResponseTemplates'] as Record<string, string>)['application/json']!;
    expect(JSON.parse(text)).toMatchObject({
      title: expect.any(String),
      code: expect.any(String),
      detail: expect.any(String),
    });
  }
});

test('what the gateway says of a body is what a function would say', () => {
  const responses = resourcesOf(templateOf('keyward-api-us-east-1'), 'AWS::ApiGateway::GatewayResponse');
  const told = (type: string) => {
    const { Properties } = responses.find(([, resource]) => resource.Properties['ResponseType'] === type)![1];
    const text = (Properties['ResponseTemplates'] as Record<string, string>)['application/json']!;
    return [Properties['StatusCode'], JSON.parse(text) as unknown];
  };
  // It takes 10 MB, so the longest body that any call takes is the one to name.
  expect(told('REQUEST_TOO_LARGE')).toMatchObject([
    '413',
    { status: 413, code: 'payload_too_large', detail: 'the body has more than 1048576 bytes' },
  ]);
  expect(told('UNSUPPORTED_MEDIA_TYPE')).toMatchObject([
    '415',
    {
      status: 415,
      code: 'unsupported_media_type',
      detail: 'the body must not have a Content-Encoding',
    },
  ]);
});

test('the access log says who, what was decided and why, of every part of it', () => {
  const { Format } = only(templateOf('keyward-api-ap-south-1'), 'AWS::ApiGateway::Stage')['AccessLogSetting'] as {
    Format: string;
  };
  const named = Object.values(JSON.parse(Format) as Record<string, string>);
  const identity = ['userArn', 'user', 'caller', 'accountId', 'principalOrgId', 'sourceIp', 'userAgent'];
  for (const each of [
    ...identity.map((member) => `identity.${member}`),
    ...['status', 'error', 'latency'].map((member) => `authorize.${member}`),
    ...['error.message', 'error.responseType', 'requestId', 'status'],
  ]) {
    expect(named).toContain(`$context.${each}`);
  }
  expect(named.every((each) => /^\$context\.[A-Za-z.]+$/.test(each))).toBe(true);
  expect(named.filter((each) => /accessKey|apiKey|token/i.test(each))).toEqual([]);
});

/** Detailed metrics, by method, are charged; what is counted for the API and its stage is not (API Gateway pricing; CloudWatch dimensions). */
test.each(REGIONS)('in %s no method has metrics of its own, and nothing looks at such', (region) => {
  const template = templateOf(`keyward-api-${region}`);
  const settings = only(template, 'AWS::ApiGateway::Stage')['MethodSettings'] as { MetricsEnabled?: boolean }[];
  expect(settings.map((each) => each.MetricsEnabled)).toEqual(settings.map(() => false));
  const dimensions = Array.from(
    JSON.stringify([
      ...resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties['Dimensions'] ?? []),
      ...resourcesOf(template, 'AWS::CloudWatch::Dashboard'),
    ]).matchAll(/ApiName|"Method"|"Resource\\*"/g),
    ([name]) => name,
  );
  expect(new Set(dimensions)).toEqual(new Set(['ApiName']));
});
