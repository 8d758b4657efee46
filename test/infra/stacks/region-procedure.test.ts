import { arn, CURRENT, SECRET } from '../operations/function-cases';
import { passage } from '../handbook';
import { synthesize } from '../synthesize';
import { ACCOUNT, HOME, REPLICAS, synthesized, type Resource, type Synthesized } from '../synthesized';
import { isAllowed, resolve, roleArn, type Policy } from '../simulated-iam';

/**
 * The procedures of the handbook, step by step: what CloudFormation asks for in a step is asked of the policies that are in
 * force at that moment. The policy of the secret is a resource that refers to the secret, and so changes after it.
 */
const NEW = 'eu-central-1';
const GONE = REPLICAS[0];
const EXECUTION = roleArn(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${HOME}`);
/** The role as `cdk bootstrap` makes it: AdministratorAccess. */
const ADMINISTRATOR: Policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** The handlers of AWS::SecretsManager::Secret, by its resource schema; GetRandomPassword is of no secret. */
const HANDLERS = {
  read: ['DescribeSecret', 'GetSecretValue'],
  update: [
    ...['UpdateSecret', 'TagResource', 'UntagResource', 'GetSecretValue'],
    ...['ReplicateSecretToRegions', 'RemoveRegionsFromReplication'],
  ],
};
const CLOSED = ['GetSecretValue', 'UpdateSecret', 'ReplicateSecretToRegions', 'RemoveRegionsFromReplication'];

type Templates = Synthesized['templates'];
interface Step {
  readonly replicas: readonly string[];
  readonly maintenance: boolean;
  readonly command: string;
}

function stepsOf(title: string, replicas: Readonly<Record<string, readonly string[]>>): readonly Step[] {
  const rows = [...passage(title).matchAll(/^\| \d \| ([^|]*) \| `(true|false)` \| `([^|]*)` \|$/gm)];
  return rows.map(([, which, maintenance, command]) => {
    if (replicas[which!] === undefined) throw new Error(`no regions "${which}"`);
    return { replicas: replicas[which!]!, maintenance: maintenance === 'true', command: command! };
  });
}

const made = new Map<string, Templates>();
/** Synthesized once for each configuration: the procedures share theirs. */
function configured(replica_regions: readonly string[], secret_maintenance: boolean): Templates {
  const key = JSON.stringify([replica_regions, secret_maintenance]);
  const templates = made.get(key) ?? synthesize({ replica_regions, secret_maintenance }).templates;
  made.set(key, templates);
  return templates;
}

const data = (templates: Templates): Readonly<Record<string, Resource>> => templates.get('keyward-data')!.Resources;
const ofType = (templates: Templates, type: string): readonly [string, Resource] =>
  Object.entries(data(templates)).find(([, { Type }]) => Type === type)!;
const secretOf = (templates: Templates) => ofType(templates, 'AWS::SecretsManager::Secret');
const policyOf = (templates: Templates): Policy =>
  ofType(templates, 'AWS::SecretsManager::ResourcePolicy')[1].Properties['ResourcePolicy'] as Policy;
const changedInData = (before: Templates, after: Templates): readonly string[] =>
  Object.entries(data(after))
    .filter(([id, resource]) => JSON.stringify(resource) !== JSON.stringify(data(before)[id]))
    .map(([, { Type }]) => Type.split('::').at(-1)!);

const deploymentMay = (action: string, policy: Policy): Promise<boolean> =>
  isAllowed({
    principal: EXECUTION,
    policies: [ADMINISTRATOR],
    action: `secretsmanager:${action}`,
    resource: arn('secretsmanager', HOME, SECRET),
    resourcePolicy: policy,
  });

async function expectAllowed(actions: readonly string[], policy: Policy): Promise<void> {
  for (const action of actions) expect([action, await deploymentMay(action, policy)]).toEqual([action, true]);
}

/** Walks the steps from the standard deployment; each has to find what it needs, and what taking it back needs. */
async function walk(steps: readonly Step[]): Promise<Templates> {
  let before: Templates = synthesized().templates;
  for (const step of steps) {
    const after = configured(step.replicas, step.maintenance);
    expect(ofType(after, 'AWS::SecretsManager::ResourcePolicy')[1].Properties['SecretId']).toEqual({
      Ref: secretOf(after)[0],
    });
    await expectAllowed(['PutResourcePolicy', 'GetResourcePolicy', 'DescribeSecret'], policyOf(before));
    if (JSON.stringify(secretOf(before)[1]) !== JSON.stringify(secretOf(after)[1])) {
      await expectAllowed(HANDLERS.update, policyOf(before));
      // On a failure CloudFormation rolls back, before or after it has changed the policy.
      await expectAllowed(HANDLERS.update, policyOf(after));
      expect(step.command).toContain('--all');
    } else {
      expect(changedInData(before, after)).toEqual(['ResourcePolicy']);
    }
    before = after;
  }
  return before;
}

async function expectClosed(templates: Templates): Promise<void> {
  for (const action of CLOSED)
    expect([action, await deploymentMay(action, policyOf(templates))]).toEqual([action, false]);
}

const ADDS = stepsOf('Add a region', { 'as they are': REPLICAS, 'with the new one': [...REPLICAS, NEW] });
const REMOVES = stepsOf('Remove a region', {
  'as they are': REPLICAS,
  'without it': REPLICAS.filter((region) => region !== GONE),
});

test('adding a region: each step finds what it needs, and the last one closes again', async () => {
  expect(ADDS).toHaveLength(3);
  const end = await walk(ADDS);
  expect(JSON.stringify(secretOf(end)[1])).toContain(NEW);
  await expectClosed(end);
});

test('removing a region: the same', async () => {
  expect(REMOVES).toHaveLength(3);
  const end = await walk(REMOVES);
  expect(JSON.stringify(secretOf(end)[1])).not.toContain(GONE);
  await expectClosed(end);
});

test('in one deployment it would not work: the policy in force denies it', async () => {
  await expectClosed(synthesized().templates);
  await expect(walk(ADDS.slice(1))).rejects.toThrow();
});

test('with the policy open CloudFormation also reads the secret, as an import does', async () => {
  await expectAllowed(HANDLERS.read, policyOf(configured(REPLICAS, true)));
});

test("the new region's keys, which are made first, serve what makes the replicas, through either region's service", async () => {
  const templates = configured(ADDS[1]!.replicas, true);
  const keys = templates.get(`keyward-keys-${NEW}`)!.Resources;
  const policyOfKey = (purpose: string): Policy =>
    Object.entries(keys).find(([id, { Type }]) => Type === 'AWS::KMS::Key' && id.startsWith(purpose))![1].Properties[
      'KeyPolicy'
    ] as Policy;
  const needs = {
    secret: ['secretsmanager', ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:Encrypt', 'kms:DescribeKey']],
    tables: [
      'dynamodb',
      ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:Encrypt', 'kms:DescribeKey', 'kms:CreateGrant', 'kms:ReEncryptTo'],
    ],
  } as const;
  for (const [purpose, [service, actions]] of Object.entries(needs)) {
    for (const action of actions) {
      for (const at of [HOME, NEW]) {
        const answer = await isAllowed({
          principal: EXECUTION,
          policies: [],
          action,
          resource: `arn:aws:kms:${NEW}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`,
          resourcePolicy: resolve(policyOfKey(purpose)) as Policy,
          context: { 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': `${service}.${at}.amazonaws.com` },
        });
        expect([purpose, action, at, answer]).toEqual([purpose, action, at, true]);
      }
    }
  }
});

test("the new region's functions read the KEK as soon as they are there, and those of a region that is gone do not", async () => {
  const reads = (region: string, templates: Templates) =>
    isAllowed({
      principal: roleArn(`keyward-prove-keyset-${region}`),
      policies: [ADMINISTRATOR],
      action: 'secretsmanager:GetSecretValue',
      resource: arn('secretsmanager', region, SECRET),
      resourcePolicy: policyOf(templates),
      context: CURRENT,
    });
  const added = configured(ADDS[1]!.replicas, true);
  expect(await reads(NEW, synthesized().templates)).toBe(false);
  expect(await reads(NEW, added)).toBe(true);
  const removed = configured(REMOVES[1]!.replicas, true);
  expect(await reads(GONE, removed)).toBe(false);
});

test('a deployment that changes providers, retention, intervals and who is told asks nothing of the secret', () => {
  const changes = { providers: ['openai'], log_retention_days: 30, kek_rotation_interval_days: 30 };
  const { templates } = synthesize({ ...changes, alarm_email: 'on-call@example.com' });
  expect(secretOf(templates)).toEqual(secretOf(synthesized().templates));
});
