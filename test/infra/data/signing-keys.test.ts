import { isAllowed, policiesOfRole, resourcePolicy, roleArn, type Policy } from '../simulated-iam';
import { ACCOUNT, REGIONS, resourcesOf, synthesized, templateOf } from '../synthesized';
import { cases } from '../operations/function-cases';

const EVERYTHING: Policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const PURE = { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' };
const KEYS = ['signinglog', 'signingcosigner'] as const;

const keys = REGIONS.flatMap((region) => KEYS.map((key) => ({ region, key })));

const may = (
  { region, key }: (typeof keys)[number],
  principal: string,
  action: string,
  policies: readonly Policy[],
  context: Record<string, string> = {},
): Promise<boolean> =>
  isAllowed({
    principal,
    policies,
    action: `kms:${action}`,
    resource: `arn:aws:kms:${region}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`,
    resourcePolicy: resourcePolicy(`keyward-log-${region}`, 'AWS::KMS::Key', 'KeyPolicy', key),
    context: { 'kms:CallerAccount': principal.split(':')[4]!, ...context },
  });

describe.each(keys)('the key $key in $region', (each) => {
  const publisher = `keyward-publish-checkpoint-${each.region}`;

  test('signs for the publisher of its region, without any policy of its own', async () => {
    expect(await may(each, roleArn(publisher), 'Sign', policiesOfRole(publisher), PURE)).toBe(true);
    expect(await may(each, roleArn(publisher), 'GetPublicKey', policiesOfRole(publisher))).toBe(true);
  });

  test('signs nothing but whole messages by pure Ed25519', async () => {
    for (const context of [
      { ...PURE, 'kms:SigningAlgorithm': 'ED25519_PH_SHA_512' },
      { ...PURE, 'kms:MessageType': 'DIGEST' },
      {},
    ]) {
      expect([context, await may(each, roleArn(publisher), 'Sign', [], context)]).toEqual([context, false]);
    }
  });

  test('signs for no other function, whatever else it is given', async () => {
    for (const { name, region } of cases) {
      const role = `keyward-${name}-${region}`;
      if (role === publisher) continue;
      const answer = await may(each, roleArn(role), 'Sign', [...policiesOfRole(role), EVERYTHING], PURE);
      expect([role, answer]).toEqual([role, false]);
    }
  });

  test('signs for no administrator, who manages it, and grants nobody its use', async () => {
    const administrators = [
      roleArn('administrator'),
      roleArn(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${each.region}`),
      roleArn('keyward-break-glass'),
      `arn:aws:iam::${ACCOUNT}:user/administrator`,
    ];
    for (const principal of administrators) {
      for (const action of ['Sign', 'CreateGrant']) {
        expect([principal, action, await may(each, principal, action, [EVERYTHING], PURE)]).toEqual([
          principal,
          action,
          false,
        ]);
      }
      for (const action of ['PutKeyPolicy', 'DescribeKey', 'GetPublicKey', 'TagResource', 'ScheduleKeyDeletion']) {
        expect([principal, action, await may(each, principal, action, [EVERYTHING])]).toEqual([
          principal,
          action,
          true,
        ]);
      }
    }
  });

  test('is of no use to another account', async () => {
    const other = roleArn(publisher).replace(ACCOUNT, '222222222222');
    for (const action of ['Sign', 'GetPublicKey', 'PutKeyPolicy']) {
      expect([action, await may(each, other, action, [EVERYTHING], PURE)]).toEqual([action, false]);
    }
  });
});

test('no policy of a role names a signing key: only the policy of the key lets somebody sign', () => {
  for (const template of synthesized().templates.values()) {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
      expect([id, JSON.stringify(Properties).includes('kms:Sign')]).toEqual([id, false]);
    }
  }
  expect(templateOf(`keyward-log-${REGIONS[0]}`)).toBeDefined();
});
