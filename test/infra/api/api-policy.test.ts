import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import type { ApiRoute } from '../../../lib/api/api-route';
import { apiPolicy } from '../../../lib/api/api-policy';
import { readDeployment } from '../../../lib/deployment';
import { API_ID, isAllowed, roleArn, type Policy } from '../simulated-iam';
import { synthesize } from '../synthesize';
import { ACCOUNT, CONFIGURED, HOME, resourcesOf, templateOf, type Resource, type Template } from '../synthesized';

const ORGANIZATION = 'o-a1b2c3d4e5';
const LISTED = ['192.0.2.0/24', '198.51.100.7/32', '2001:db8:1::/48'];
const routes = Object.values(OPERATIONS);
const MAY_ALL = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
};

/** API Gateway completes what begins with `execute-api:/` by the API's own ARN. */
const completed = (policy: unknown): Policy =>
  JSON.parse(
    JSON.stringify(policy).replaceAll('"execute-api:/', `"arn:aws:execute-api:${HOME}:${ACCOUNT}:${API_ID}/`),
  ) as Policy;

const policyOf = (configured: Record<string, unknown>): Policy =>
  completed(apiPolicy(routes, readDeployment({ ...CONFIGURED, ...configured })).toJSON());

interface Asked {
  readonly policy: Policy;
  readonly route: Pick<Operation, 'method' | 'path'>;
  readonly from?: string;
  readonly organization?: string;
  /** Left out: nobody, as an unsigned request has no policy of its own. */
  readonly policies?: readonly Policy[];
  readonly stage?: string;
}

const may = ({ policy, route, from, organization, policies = [], stage = 'live' }: Asked): Promise<boolean> =>
  isAllowed({
    principal: roleArn('some-service'),
    policies,
    action: 'execute-api:Invoke',
    resource: `arn:aws:execute-api:${HOME}:${ACCOUNT}:${API_ID}/${stage}/${route.method}${route.path.replaceAll(/\{\w+\}/g, 'x')}`,
    resourcePolicy: policy,
    context: {
      ...(from !== undefined && { 'aws:SourceIp': from }),
      ...(organization !== undefined && { 'aws:PrincipalOrgID': organization }),
    },
  });

const INSIDE = ['192.0.2.1', '192.0.2.255', '198.51.100.7', '2001:db8:1::7'];
/** The last comes without an address, as through a VPC endpoint. */
const OUTSIDE = ['192.0.3.0', '198.51.100.8', '203.0.113.9', '2001:db8:2::7', undefined];

test('with a list, signed calls come from its addresses alone, whatever the policies of the caller', async () => {
  const policy = policyOf({ source_addresses: LISTED });
  for (const route of routes.filter((each) => each.authenticated)) {
    for (const from of INSIDE) {
      expect([route.path, from, await may({ policy, route, from, policies: [MAY_ALL] })]).toEqual([
        route.path,
        from,
        true,
      ]);
    }
    for (const from of OUTSIDE) {
      const asked = { policy, route, ...(from !== undefined && { from }), policies: [MAY_ALL] };
      expect([route.path, from, await may(asked)]).toEqual([route.path, from, false]);
    }
  }
});

test('with an organization, signed calls come from its principals alone', async () => {
  const policy = policyOf({ organization_id: ORGANIZATION });
  for (const route of routes.filter((each) => each.authenticated)) {
    for (const organization of [ORGANIZATION, 'o-z9y8x7w6v5', undefined]) {
      const asked = { policy, route, ...(organization !== undefined && { organization }), policies: [MAY_ALL] };
      expect([route.path, organization, await may(asked)]).toEqual([
        route.path,
        organization,
        organization === ORGANIZATION,
      ]);
    }
  }
});

test.each([
  [INSIDE[0], ORGANIZATION, true],
  [INSIDE[0], 'o-z9y8x7w6v5', false],
  [OUTSIDE[0], ORGANIZATION, false],
  [OUTSIDE[0], 'o-z9y8x7w6v5', false],
  [INSIDE[0], undefined, false],
])('with both, both must hold: %s of %s is %s', async (from, organization, expected) => {
  const policy = policyOf({ source_addresses: LISTED, organization_id: ORGANIZATION });
  const asked = { policy, route: OPERATIONS.decrypt, from: from!, ...(organization !== undefined && { organization }) };
  expect(await may({ ...asked, policies: [MAY_ALL] })).toBe(expected);
  // What lets in by itself gives nobody a right.
  expect(await may(asked)).toBe(false);
});

test('/healthz answers everybody: neither list nor organization holds there', async () => {
  const policy = policyOf({ source_addresses: LISTED, organization_id: ORGANIZATION });
  for (const route of routes.filter((each) => !each.authenticated)) {
    for (const from of [...INSIDE, ...OUTSIDE]) {
      expect([from, await may({ policy, route, ...(from !== undefined && { from }) })]).toEqual([from, true]);
    }
  }
});

test('no method, stage or path below a signed call gets around the list', async () => {
  const policy = policyOf({ source_addresses: LISTED });
  const outside = { policy, from: '203.0.113.9', policies: [MAY_ALL] };
  for (const stage of ['live', 'test-invoke-stage', 'other']) {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']) {
      for (const path of ['/v1', '/v1/', '/v1/providers/openai/decrypt', '/v1/healthz', '/v1/GET/healthz', '/readyz']) {
        const route = { method: method as Operation['method'], path };
        expect([stage, method, path, await may({ ...outside, route, stage })]).toEqual([stage, method, path, false]);
      }
    }
  }
});

test('a path written in an odd way is no way to a key', async () => {
  const policy = policyOf({ source_addresses: LISTED });
  const paths = [
    '/%76%31/providers/openai/decrypt',
    '//v1/providers/openai/decrypt',
    '/V1/x',
    '/healthz',
    '/healthz/../v1/x',
  ];
  for (const path of paths) {
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      const asked = { policy, route: { method, path }, from: '203.0.113.9', policies: [MAY_ALL] };
      expect([method, path, await may(asked)]).toEqual([method, path, false]);
    }
  }
});

test('without them the policy is what it was', () => {
  const { Policy: before } = resourcesOf(templateOf(`keyward-api-${HOME}`), 'AWS::ApiGateway::RestApi')[0]![1]
    .Properties as { Policy: { Statement: { Sid: string }[] } };
  expect(before.Statement.map(({ Sid }) => Sid)).toEqual(['AnyoneMayAskWhetherItIsAlive', 'OnlyEncrypted']);
});

test('an open call below a signed one stops the synthesis: the lists could not tell them apart', () => {
  const open: ApiRoute = {
    method: 'GET',
    path: '/v1/ping',
    function: 'health',
    grant: 'anyone',
    authenticated: false,
  };
  const deployment = readDeployment({ ...CONFIGURED, source_addresses: LISTED });
  expect(() => apiPolicy([...routes, open], deployment)).toThrow('/v1/ping needs no signature');
});

/** "If you update the resource policy, you'll need to deploy the API" (API Gateway Developer Guide, "Create and attach"). */
test('each change of the policy is a new deployment of the gateway', () => {
  const deploymentOf = (template: Template): string => {
    const [[id]] = resourcesOf(template, 'AWS::ApiGateway::Deployment') as [readonly [string, unknown]];
    const [[, stage]] = resourcesOf(template, 'AWS::ApiGateway::Stage') as [readonly [string, Resource]];
    expect(stage.Properties['DeploymentId']).toEqual({ Ref: id });
    return id;
  };
  const changes = [
    {},
    { source_addresses: LISTED },
    { source_addresses: LISTED.slice(1) },
    { organization_id: ORGANIZATION },
    { organization_id: ORGANIZATION, source_addresses: LISTED },
  ];
  const ids = changes.map((each) =>
    deploymentOf(synthesize({ replica_regions: [], ...each }).templates.get(`keyward-api-${HOME}`)!),
  );
  expect(new Set(ids).size).toBe(changes.length);
});

test('as many and as long blocks as the configuration takes fit into the policy', () => {
  const longest = Array.from(
    { length: 100 },
    (_, index) => `2001:db8:aaaa:bbbb:cccc:dddd:eeee:f${String(index).padStart(3, '0')}/128`,
  );
  const text = JSON.stringify(policyOf({ source_addresses: longest, organization_id: `o-${'a'.repeat(32)}` }));
  // API Gateway quotas: 8,192 bytes; a longer region has five characters more for each resource, of which there are less than twenty.
  expect(text.length + 5 * 20).toBeLessThanOrEqual(8192);
});
