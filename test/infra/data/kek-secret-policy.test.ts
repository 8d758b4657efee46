import * as secretsManager from '@aws-sdk/client-secrets-manager';
import { synthesize } from '../synthesize';
import { ACCOUNT, HOME, type Resource, type Synthesized } from '../synthesized';
import { isAllowed, resourcePolicy, roleArn, type Policy } from '../simulated-iam';

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

/** Newer than the simulator, which asks nothing about an action that it does not know: another name stands in for it. */
const STANDS_IN: Readonly<Record<string, string>> = { AssociateCrossAccountReplica: 'RestoreSecret' };

/** Somebody whose own policy allows everything: only the secret's policy can stop them. */
const may = (principal: string, action: string, policy = standard(), context = {}): Promise<boolean> => {
  const known = STANDS_IN[action] ?? action;
  return isAllowed({
    principal,
    policies: [ADMINISTRATOR],
    action: `secretsmanager:${known}`,
    resource: SECRET,
    resourcePolicy: JSON.parse(JSON.stringify(policy).replaceAll(`:${action}"`, `:${known}"`)) as Policy,
    context,
  });
};

const CHANGES_VALUE = ['PutSecretValue', 'UpdateSecretVersionStage', 'DeleteSecret'];
const CHANGES_SECRET = [
  'UpdateSecret',
  'ReplicateSecretToRegions',
  'RemoveRegionsFromReplication',
  'StopReplicationToReplica',
];

const ROTATES = ['RotateSecret', 'CancelRotateSecret'];
const COPIES = ['AssociateCrossAccountReplica'];

test.each([SOMEBODY, DEPLOYING, `arn:aws:iam::${ACCOUNT}:user/root-like`, `arn:aws:iam::${ACCOUNT}:root`])(
  '%s neither reads nor changes',
  async (who) => {
    for (const action of ['GetSecretValue', ...CHANGES_VALUE, ...CHANGES_SECRET, ...COPIES]) {
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

test('a deployment still describes, tags, configures the rotation and changes the policy', async () => {
  const manages = ['DescribeSecret', 'GetResourcePolicy', 'PutResourcePolicy', 'TagResource', ...ROTATES];
  for (const action of manages) expect([action, await may(DEPLOYING, action)]).toEqual([action, true]);
});

const STARTS = [
  'rotation-schedule-us-east-1',
  'sweep-us-east-1',
  'bootstrap-us-east-1',
  'rotations-us-east-1',
  'rotations-eu-west-1',
  'break-glass',
];

test('a rotation is started by the schedule, the sweep, bootstrap, operators and in an emergency, and by nobody else', async () => {
  for (const name of STARTS)
    expect([name, await may(roleArn(`keyward-${name}`), 'RotateSecret')]).toEqual([name, true]);
  const others = [
    ...['rotate-kek-us-east-1', 'decrypt-us-east-1', 'sweep-schedule-us-east-1', 'bootstrap-provider-us-east-1'],
    ...['sweep-eu-west-1', 'bootstrap-ap-south-1', 'sweep-us-east-1x'],
  ].map((name) => roleArn(`keyward-${name}`));
  const elsewhere = roleArn(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-eu-west-1`);
  const alike = roleArn(`cdk-mine-cfn-exec-role-${ACCOUNT}-${HOME}`);
  for (const who of [SOMEBODY, `arn:aws:iam::${ACCOUNT}:root`, elsewhere, alike, ...others]) {
    for (const action of ROTATES) expect([who, action, await may(who, action)]).toEqual([who, action, false]);
  }
});

test('for the stages of a rotation the deployment role stays as it was bootstrapped', async () => {
  const { templates } = synthesize({}, { context: { '@aws-cdk/core:bootstrapQualifier': 'mine' } });
  const policy = policyIn(templates);
  expect(await may(roleArn(`cdk-mine-cfn-exec-role-${ACCOUNT}-${HOME}`), 'RotateSecret', policy)).toBe(true);
  expect(await may(DEPLOYING, 'RotateSecret', policy)).toBe(false);
});

/** Of the IAM actions that change a secret; the rest only describe. */
const LEFT_TO_THE_ACCOUNT: Readonly<Record<string, string>> = {
  CreateSecret: 'makes another secret',
  TagResource: 'deployments tag; no policy here looks at a tag',
  UntagResource: 'deployments tag; no policy here looks at a tag',
  PutResourcePolicy: 'deployments manage it; "changed-by-hand" rings otherwise',
  DeleteResourcePolicy: 'deployments manage it; "changed-by-hand" rings otherwise',
  RestoreSecret: 'brings back what was deleted; nothing is lost by it',
};
/** These name no secret. BatchGetSecretValue needs GetSecretValue for each secret that it returns. */
const OF_NO_SECRET = ['BatchGetSecretValue', 'GetRandomPassword', 'ListSecrets'];

test('of all that Secrets Manager can do, each action that reads or changes is denied, or left open for a reason', async () => {
  const known = Object.keys(secretsManager).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);
  expect(known.length).toBeGreaterThan(20);
  const open: string[] = [];
  for (const action of new Set([...known, ...COPIES])) {
    if (!OF_NO_SECRET.includes(action) && (await may(SOMEBODY, action))) open.push(action);
  }
  const describes = /^(Describe|List|GetResourcePolicy|Validate)/;
  expect(open.filter((action) => !describes.test(action)).toSorted()).toEqual(
    Object.keys(LEFT_TO_THE_ACCOUNT).toSorted(),
  );
});

test("Secrets Manager's own calls, which carry no role, are not denied", async () => {
  // The simulator has no service principals: what is asked is whether a Deny of this policy applies.
  expect(await may(SOMEBODY, 'GetSecretValue', standard(), { 'aws:PrincipalIsAWSService': 'true' })).toBe(true);
});

const policyIn = (templates: Synthesized['templates'], stage = 'keyward'): Policy => {
  const resources = Object.values(templates.get(`${stage}-data`)?.Resources ?? {}) as readonly Resource[];
  const found = resources.find(({ Type }) => Type === 'AWS::SecretsManager::ResourcePolicy');
  return found?.Properties['ResourcePolicy'] as Policy;
};

test('with secret_maintenance the deployment changes and reads the secret, still not by putting, and nobody else does', async () => {
  const policy = policyIn(synthesize({ secret_maintenance: true }).templates);
  const allowed = ['GetSecretValue', ...CHANGES_SECRET];
  for (const action of allowed) expect([action, await may(DEPLOYING, action, policy)]).toEqual([action, true]);
  for (const action of [...CHANGES_VALUE, ...COPIES]) expect(await may(DEPLOYING, action, policy)).toBe(false);
  const alike = roleArn(`cdk-mine-cfn-exec-role-${ACCOUNT}-${HOME}`);
  for (const who of [SOMEBODY, alike]) {
    for (const action of allowed) expect([who, action, await may(who, action, policy)]).toEqual([who, action, false]);
  }
});

test('it stays within what Secrets Manager takes, for the longest names and twelve regions', () => {
  const replica_regions = ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1', 'ap-south-1'].concat([
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-northeast-1',
    'ap-northeast-2',
    'ca-central-1',
  ]);
  const stage = 'a-stage-of-20-letter';
  const { templates } = synthesize({ stage, replica_regions, secret_maintenance: true });
  // Secrets Manager quotas, "Length of a resource-based policy JSON text in characters".
  expect(JSON.stringify(policyIn(templates, stage)).length).toBeLessThan(20_480);
});
