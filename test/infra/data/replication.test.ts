import { CURRENT, SECRET, arn, table } from '../operations/function-cases';
import { ACCOUNT, HOME, REGIONS, REPLICAS } from '../synthesized';
import { isAllowed, policiesOfRole, resourcePolicy, roleArn, type Policy } from '../simulated-iam';

/**
 * What has to be allowed until a change made at home is in every region. "If the primary secret is encrypted with a KMS key
 * other than aws/secretsmanager, you also need kms:Decrypt permission to the key. To encrypt the replicated secret with a KMS
 * key other than aws/secretsmanager, you need kms:GenerateDataKey and kms:Encrypt to the key" (API_ReplicateSecretToRegions):
 * the caller needs it, whose session Secrets Manager forwards. Which region's service it comes through, the source does not
 * say: both must do.
 */
const IN_THE_REPLICA = ['kms:GenerateDataKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey'];
/** What DynamoDB needs of a customer-managed key (DynamoDB Developer Guide, "Encryption at rest: usage notes"). */
const OF_A_TABLE = [...IN_THE_REPLICA, 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:CreateGrant'];

const ALL = (Action: string): Policy => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const OF_SECRETS = ALL('secretsmanager:*');
const EXECUTION = roleArn(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${HOME}`);
const REPLICATION = roleArn('aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication');

interface Caller {
  readonly who: string;
  readonly principal: string;
  readonly policies: readonly Policy[];
}
const own = (role: string): Caller => ({ who: role, principal: roleArn(role), policies: policiesOfRole(role) });

const changeTheSecret: readonly Caller[] = [
  own('keyward-rotate-kek-us-east-1'),
  { who: 'break-glass', principal: roleArn('keyward-break-glass'), policies: [OF_SECRETS] },
  { who: 'CloudFormation', principal: EXECUTION, policies: [OF_SECRETS] },
];
const useTables: readonly Caller[] = [
  own('keyward-bootstrap-us-east-1'),
  own('keyward-rotation-worker-us-east-1'),
  own('keyward-decrypt-ap-south-1'),
  { who: 'CloudFormation', principal: EXECUTION, policies: [ALL('dynamodb:*')] },
  { who: "DynamoDB's replication", principal: REPLICATION, policies: [] },
];

const mayUse = (caller: Caller, action: string, region: string, purpose: 'secret' | 'tables', via?: string) =>
  isAllowed({
    ...caller,
    action,
    resource: `arn:aws:kms:${region}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`,
    resourcePolicy: resourcePolicy(`keyward-keys-${region}`, 'AWS::KMS::Key', 'KeyPolicy', purpose),
    context: { 'kms:CallerAccount': ACCOUNT, ...(via !== undefined && { 'kms:ViaService': via }) },
  });

const secretPolicy = (): Policy =>
  resourcePolicy('keyward-data', 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy');

test.each(changeTheSecret.flatMap((caller) => REGIONS.map((region) => ({ caller, who: caller.who, region }))))(
  'what $who changes in the secret is encrypted in $region, through Secrets Manager of any region and in no other way',
  async ({ caller, region }) => {
    for (const action of IN_THE_REPLICA) {
      for (const at of REGIONS) {
        const answer = await mayUse(caller, action, region, 'secret', `secretsmanager.${at}.amazonaws.com`);
        expect([action, at, answer]).toEqual([action, at, true]);
        const other = await mayUse(caller, action, region, 'secret', `dynamodb.${at}.amazonaws.com`);
        expect([action, at, other]).toEqual([action, at, false]);
      }
      expect([action, await mayUse(caller, action, region, 'secret')]).toEqual([action, false]);
    }
  },
);

test.each(useTables.flatMap((caller) => REGIONS.map((region) => ({ caller, who: caller.who, region }))))(
  'the tables of $region serve $who, through DynamoDB of any region and in no other way',
  async ({ caller, region }) => {
    for (const action of OF_A_TABLE) {
      for (const at of REGIONS) {
        const answer = await mayUse(caller, action, region, 'tables', `dynamodb.${at}.amazonaws.com`);
        expect([action, at, answer]).toEqual([action, at, true]);
        const other = await mayUse(caller, action, region, 'tables', `secretsmanager.${at}.amazonaws.com`);
        expect([action, at, other]).toEqual([action, at, false]);
      }
      expect([action, await mayUse(caller, action, region, 'tables')]).toEqual([action, false]);
    }
  },
);

test('the whole way of a rotation: put and moved at home, read by the functions of every region', async () => {
  const rotation = own('keyward-rotate-kek-us-east-1');
  for (const action of ['PutSecretValue', 'UpdateSecretVersionStage', 'GetSecretValue', 'DescribeSecret']) {
    const asking = { ...rotation, action: `secretsmanager:${action}`, resource: arn('secretsmanager', HOME, SECRET) };
    expect([action, await isAllowed({ ...asking, resourcePolicy: secretPolicy() })]).toEqual([action, true]);
  }
  for (const region of REGIONS) {
    for (const name of ['decrypt', 'prove-keyset']) {
      const asking = { ...own(`keyward-${name}-${region}`), resource: arn('secretsmanager', region, SECRET) };
      const reads = { action: 'secretsmanager:GetSecretValue', context: CURRENT, resourcePolicy: secretPolicy() };
      expect([region, await isAllowed({ ...asking, ...reads })]).toEqual([region, true]);
    }
  }
});

test('the first KEK: bootstrap starts the rotation, and writes keysets that every replica receives', async () => {
  const bootstrap = own('keyward-bootstrap-us-east-1');
  const rotates = { action: 'secretsmanager:RotateSecret', resource: arn('secretsmanager', HOME, SECRET) };
  expect(await isAllowed({ ...bootstrap, ...rotates, resourcePolicy: secretPolicy() })).toBe(true);
  expect(await isAllowed({ ...bootstrap, action: 'dynamodb:PutItem', resource: table('keysets', HOME) })).toBe(true);
  for (const region of REPLICAS) {
    const asking = { ...bootstrap, action: 'dynamodb:PutItem', resource: table('keysets', region) };
    expect(await isAllowed(asking)).toBe(false);
  }
});
