import { synthesize } from './synthesize';
import { ACCOUNT, HOME, type Resource } from './synthesized';
import { isAllowed, resourcePolicy, roleArn, type Policy } from './simulated-iam';

const ADMINISTRATOR: Policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};
const SECRET = `arn:aws:secretsmanager:${HOME}:${ACCOUNT}:secret:keyward/kek-AbCdEf`;
const BREAK_GLASS = roleArn('keyward-break-glass');
const ROTATION = roleArn('keyward-rotate-kek-us-east-1');
const DEPLOYING = roleArn(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${HOME}`);
const SOMEBODY = roleArn('administrator');

const standard = (): Policy => resourcePolicy('keyward-data', 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy');

/** Somebody whose own policy allows everything: only the secret's policy can stop them. */
const may = (principal: string, action: string, policy = standard(), context = {}): Promise<boolean> =>
  isAllowed({
    principal,
    policies: [ADMINISTRATOR],
    action: `secretsmanager:${action}`,
    resource: SECRET,
    resourcePolicy: policy,
    context,
  });

const CHANGES_VALUE = ['PutSecretValue', 'UpdateSecretVersionStage', 'DeleteSecret'];
const CHANGES_SECRET = [
  'UpdateSecret',
  'ReplicateSecretToRegions',
  'RemoveRegionsFromReplication',
  'StopReplicationToReplica',
];

test.each([SOMEBODY, DEPLOYING, `arn:aws:iam::${ACCOUNT}:user/root-like`])(
  '%s neither reads nor changes',
  async (who) => {
    for (const action of ['GetSecretValue', ...CHANGES_VALUE, ...CHANGES_SECRET]) {
      expect([action, await may(who, action)]).toEqual([action, false]);
    }
  },
);

test.each([ROTATION, BREAK_GLASS])('%s reads and changes', async (who) => {
  for (const action of ['GetSecretValue', ...CHANGES_VALUE, ...CHANGES_SECRET]) {
    expect([action, await may(who, action)]).toEqual([action, true]);
  }
});

test('a function reads, and does not change', async () => {
  const decrypt = roleArn('keyward-decrypt-ap-south-1');
  expect(await may(decrypt, 'GetSecretValue')).toBe(true);
  for (const action of [...CHANGES_VALUE, ...CHANGES_SECRET]) expect(await may(decrypt, action)).toBe(false);
});

test('a role whose name only begins or ends like one of these is not let in', async () => {
  for (const name of ['keyward-decrypt-ap-south-1x', 'x-keyward-decrypt-ap-south-1', 'keyward-keys-us-east-1']) {
    expect(await may(roleArn(name), 'GetSecretValue')).toBe(false);
  }
});

test('a deployment still describes, tags, rotates and changes the policy', async () => {
  const manages = ['DescribeSecret', 'GetResourcePolicy', 'PutResourcePolicy', 'TagResource', 'RotateSecret'];
  for (const action of manages) expect([action, await may(DEPLOYING, action)]).toEqual([action, true]);
});

test("Secrets Manager's own calls, which carry no role, are not denied", async () => {
  // The simulator has no service principals: what is asked is whether a Deny of this policy applies.
  expect(await may(SOMEBODY, 'GetSecretValue', standard(), { 'aws:PrincipalIsAWSService': 'true' })).toBe(true);
});

test('with secret_maintenance the deployment changes the secret, still not by putting, and nobody else does', async () => {
  const { templates } = synthesize({ secret_maintenance: true });
  const resources = Object.values(templates.get('keyward-data')?.Resources ?? {}) as readonly Resource[];
  const found = resources.find(({ Type }) => Type === 'AWS::SecretsManager::ResourcePolicy');
  const policy = found?.Properties['ResourcePolicy'] as Policy;
  for (const action of CHANGES_SECRET) expect(await may(DEPLOYING, action, policy)).toBe(true);
  for (const action of ['GetSecretValue', ...CHANGES_VALUE]) expect(await may(DEPLOYING, action, policy)).toBe(false);
  for (const action of CHANGES_SECRET) expect(await may(SOMEBODY, action, policy)).toBe(false);
});
