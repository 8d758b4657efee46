import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { ACCOUNT, PROVIDERS, REGIONS, resourcesOf, templateOf } from '../synthesized';
import { API_ID, isAllowed, managedPolicy, resourcePolicy, roleArn, type Policy } from '../simulated-iam';

const CALLER = roleArn('some-service');

const allRoutes = Object.entries(OPERATIONS) as [keyof typeof OPERATIONS, Operation][];

function pathOf(route: Operation, provider: string): string {
  return route.path
    .replace('{provider}', provider)
    .replace('{name}', 'billing.prod')
    .replace('{rotation_id}', '0193a6e2b4c10123456789abcdef0123')
    .replace('{id}', '01a1fd557a800123456789abcdef0123')
    .replace('{version}', '2');
}

/** May a caller who has these policies, and an API with its resource policy, do this? */
const may = (region: string, policies: readonly Policy[], method: string, path: string): Promise<boolean> =>
  isAllowed({
    principal: CALLER,
    policies,
    action: 'execute-api:Invoke',
    resource: `arn:aws:execute-api:${region}:${ACCOUNT}:${API_ID}/live/${method}${path}`,
    resourcePolicy: gatewayPolicy(region),
  });

/** API Gateway completes what begins with `execute-api:/` by the API's own ARN. */
function gatewayPolicy(region: string): Policy {
  const policy = resourcePolicy(`keyward-api-${region}`, 'AWS::ApiGateway::RestApi', 'Policy');
  const text = JSON.stringify(policy).replaceAll(
    '"execute-api:/',
    `"arn:aws:execute-api:${region}:${ACCOUNT}:${API_ID}/`,
  );
  return JSON.parse(text) as Policy;
}

const GRANTS: Readonly<Record<string, readonly (keyof typeof OPERATIONS)[]>> = {
  encrypt: ['encrypt', 'encryptBatch'],
  decrypt: ['decrypt', 'decryptBatch'],
  rewrap: ['rewrap', 'rewrapBatch'],
  'manage-credentials': ['listCredentials', 'putCredential', 'describeCredential', 'deleteCredential'],
  reveal: ['revealCredential'],
  'change-metadata': ['patchCredential'],
  'restore-credentials': ['describePreviousValue', 'restoreCredential'],
  'purge-credentials': ['purgePreviousValue'],
};
/**
 * In a policy `*` stands for any characters, `/` too: who may GET any credential may GET what lies below one. That describes the
 * previous value, without the key, as `deleted=true` of the list does.
 */
const ALSO: Readonly<Record<string, readonly (keyof typeof OPERATIONS)[]>> = {
  'manage-credentials': ['describePreviousValue'],
};
const OPERATORS: Readonly<Record<string, readonly (keyof typeof OPERATIONS)[]>> = {
  keysets: ['listKeysets', 'describeKeyset', 'checkReadiness'],
  rotations: [
    'describeRotationPolicy',
    'changeRotationPolicy',
    'rotate',
    'listRotations',
    'describeRotation',
    'abortRotation',
    'scheduleDestruction',
    'cancelDestruction',
    'listVersionCallers',
    'publishLog',
  ],
  kek: ['describeKek', 'rotateKek', 'moveKek'],
  audit: ['queryAuditEvents', 'describeAuditEvent', 'listCheckpoints', 'proveAuditEvent', 'readLog', 'recordEvidence'],
};
const PUBLIC: readonly string[] = ['checkHealth', 'checkHealthHead'];

const callers = REGIONS.flatMap((region) => Object.keys(GRANTS).map((grant) => ({ region, grant })));

test.each(callers)('$grant in $region is that, for one provider', async ({ region, grant }) => {
  const policy = managedPolicy(region, `google-${grant}`);
  for (const provider of PROVIDERS) {
    for (const [operation, route] of allRoutes) {
      const granted = [...GRANTS[grant]!, ...(ALSO[grant] ?? [])].includes(operation);
      const expected = PUBLIC.includes(operation) || (provider === 'google' && granted);
      const answer = await may(region, [policy], route.method, pathOf(route, provider));
      expect([provider, operation, answer]).toEqual([provider, operation, expected]);
    }
  }
});

test.each(Object.keys(OPERATORS))('operators: %s is that, for all providers, and nothing of theirs', async (grant) => {
  const policy = managedPolicy('eu-west-1', `operators-${grant}`);
  for (const provider of PROVIDERS) {
    for (const [operation, route] of allRoutes) {
      const expected = PUBLIC.includes(operation) || OPERATORS[grant]!.includes(operation);
      const answer = await may('eu-west-1', [policy], route.method, pathOf(route, provider));
      expect([provider, operation, answer]).toEqual([provider, operation, expected]);
    }
  }
});

test.each([
  ['change-metadata', ['patchCredential']],
  ['restore-credentials', ['restoreCredential']],
  ['purge-credentials', ['purgePreviousValue']],
] as const)('who has everything but %s has none of its calls', async (grant, operations) => {
  const others = [
    ...Object.keys(GRANTS)
      .filter((each) => each !== grant)
      .flatMap((each) => PROVIDERS.map((of) => `${of}-${each}`)),
    ...Object.keys(OPERATORS).map((each) => `operators-${each}`),
  ].map((name) => managedPolicy('us-east-1', name));
  for (const operation of operations) {
    const { method } = OPERATIONS[operation];
    for (const name of ['default', 'reveal', 'previous', 'purge', 'restore', 'credentials', 'rotations']) {
      const path = pathOf(OPERATIONS[operation], 'openai').replace('billing.prod', name);
      expect([name, await may('us-east-1', others, method, path)]).toEqual([name, false]);
      const own = managedPolicy('us-east-1', `openai-${grant}`);
      expect([name, await may('us-east-1', [own], method, path)]).toEqual([name, true]);
    }
  }
});

test('PATCH is in the policies that change metadata, and in no other', () => {
  for (const region of REGIONS) {
    const policies = resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::IAM::ManagedPolicy');
    const patching = policies.filter(([, { Properties }]) => JSON.stringify(Properties).includes('/PATCH/'));
    expect(patching.map(([, { Properties }]) => Properties['ManagedPolicyName']).toSorted()).toEqual(
      PROVIDERS.map((provider) => `keyward-${region}-${provider}-change-metadata`).toSorted(),
    );
  }
});

test('every signed call is in exactly one kind of policy', () => {
  const granted = [...Object.values(GRANTS), ...Object.values(OPERATORS)].flat();
  const signed = allRoutes.filter(([, route]) => route.authenticated).map(([operation]) => operation);
  expect(granted.toSorted()).toEqual(signed.toSorted());
});

test('who has no policy reaches what needs no signature, and nothing else', async () => {
  for (const [operation, route] of allRoutes) {
    const answer = await may('us-east-1', [], route.method, pathOf(route, 'openai'));
    expect([operation, answer]).toEqual([operation, PUBLIC.includes(operation)]);
  }
});

test('without TLS nothing is let through', async () => {
  const answer = await isAllowed({
    principal: CALLER,
    policies: [managedPolicy('us-east-1', 'openai-encrypt')],
    action: 'execute-api:Invoke',
    resource: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${API_ID}/live/POST/v1/providers/openai/encrypt`,
    resourcePolicy: gatewayPolicy('us-east-1'),
    context: { 'aws:SecureTransport': 'false' },
  });
  expect(answer).toBe(false);
});

test('a name that begins like a provider is another one', async () => {
  const policies = [managedPolicy('us-east-1', 'openai-decrypt'), managedPolicy('us-east-1', 'openai-reveal')];
  for (const provider of ['openai-2', 'opena', 'openai/x']) {
    expect(await may('us-east-1', policies, 'POST', `/v1/providers/${provider}/decrypt`)).toBe(false);
    expect(await may('us-east-1', policies, 'POST', `/v1/providers/${provider}/credentials/a/reveal`)).toBe(false);
  }
});

test('what a credential is called opens no way to rotations, nor a rotation one to credentials', async () => {
  const [operators, services] = [['operators-rotations'], ['openai-manage-credentials', 'openai-reveal']].map((names) =>
    names.map((name) => managedPolicy('us-east-1', name)),
  );
  const credentials = '/v1/providers/openai/credentials';
  for (const name of ['rotations', 'rotation-policy', 'rotate', 'versions']) {
    expect(await may('us-east-1', operators!, 'GET', `${credentials}/${name}`)).toBe(false);
    expect(await may('us-east-1', operators!, 'PUT', `${credentials}/${name}`)).toBe(false);
    expect(await may('us-east-1', operators!, 'POST', `${credentials}/${name}/reveal`)).toBe(false);
    expect(await may('us-east-1', services!, 'GET', `/v1/providers/openai/${name}`)).toBe(false);
    expect(await may('us-east-1', services!, 'PUT', `/v1/providers/openai/${name}`)).toBe(false);
    expect(await may('us-east-1', services!, 'POST', `/v1/providers/openai/${name}`)).toBe(false);
  }
});
