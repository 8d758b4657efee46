import { HOME, REGIONS } from '../synthesized';
import {
  allBut,
  arn,
  AT_HOME,
  cases,
  CURRENT,
  EVERYWHERE,
  may,
  of,
  OTHER_SECRET,
  ROTATING,
  SECRET,
  table,
  where,
  type Name,
} from './function-cases';
import { isAllowed, policiesOfRole, roleArn } from '../simulated-iam';

describe('the queue of DEK rotations', () => {
  const queue = (region: string): string => arn('sqs', region, 'keyward-dek-rotation');
  const RECEIVES = ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'];

  test.each(cases)('$name in $region', async ({ name, region }) => {
    const sends = (ROTATING as readonly string[]).includes(name);
    expect(await where(name, region, 'sqs:SendMessage', queue)).toEqual(sends ? [HOME] : []);
    for (const action of RECEIVES) {
      const expected = name === 'rotation-worker' ? [HOME] : [];
      expect([action, await where(name, region, `sqs:${action}`, queue)]).toEqual([action, expected]);
    }
    expect(await where(name, region, 'sqs:PurgeQueue', queue)).toEqual([]);
  });
});

describe('invoking', () => {
  const functionIn = (name: Name) => (region: string) => arn('lambda', region, `function:keyward-${name}`);
  const invoke = 'lambda:InvokeFunction';

  test.each(of(...ROTATING))('$name in $region asks every region for its proof', async ({ name, region }) => {
    expect(await where(name, region, invoke, functionIn('prove-keyset'))).toEqual(REGIONS);
  });

  test.each(allBut(...ROTATING))('$name in $region asks none', async ({ name, region }) => {
    expect(await where(name, region, invoke, functionIn('prove-keyset'))).toEqual([]);
  });

  test.each(cases)(
    '$name in $region invokes no other function, but for audit, which has logs published',
    async (each) => {
      const { name, region } = each;
      for (const other of [...EVERYWHERE, ...AT_HOME].filter((one) => one !== 'prove-keyset')) {
        const expected = name === 'audit' && other === 'publish-checkpoint' ? REGIONS : [];
        expect([other, await where(name, region, invoke, functionIn(other))]).toEqual([other, expected]);
      }
      const longer = (at: string): string => `${functionIn('prove-keyset')(at)}-2`;
      expect(await where(name, region, invoke, longer)).toEqual([]);
    },
  );

  test("the sweep's schedule invokes the sweep, and does nothing else", async () => {
    const role = 'keyward-sweep-schedule-us-east-1';
    const asking = { principal: roleArn(role), policies: policiesOfRole(role) };
    for (const name of [...EVERYWHERE, ...AT_HOME]) {
      const answer = await isAllowed({ ...asking, action: invoke, resource: functionIn(name)(HOME) });
      expect([name, answer]).toEqual([name, name === 'sweep']);
    }
    const secret = { ...asking, resource: arn('secretsmanager', HOME, SECRET) };
    expect(await isAllowed({ ...secret, action: 'secretsmanager:RotateSecret' })).toBe(false);
    expect(await isAllowed({ ...asking, action: 'dynamodb:GetItem', resource: table('keysets', HOME) })).toBe(false);
  });
});

describe('the rewrap queue', () => {
  const queue = (region: string): string => arn('sqs', region, 'keyward-rewrap');

  test.each(cases)('$name in $region', async ({ name, region }) => {
    expect(await where(name, region, 'sqs:SendMessage', queue)).toEqual(name === 'rotate-kek' ? [HOME] : []);
    expect(await where(name, region, 'sqs:ReceiveMessage', queue)).toEqual(name === 'rewrap-deks' ? [HOME] : []);
    expect(await where(name, region, 'sqs:PurgeQueue', queue)).toEqual([]);
  });
});

describe('invoking rotate-kek', () => {
  const rotateKek = arn('lambda', HOME, 'function:keyward-rotate-kek');
  const question = { action: 'lambda:InvokeFunction', resource: rotateKek };
  const ROLES = [
    'keyward-bootstrap-us-east-1',
    'keyward-sweep-us-east-1',
    'keyward-rotation-schedule-us-east-1',
    'keyward-rotations-us-east-1',
    'keyward-rotations-eu-west-1',
  ];

  test.each(ROLES)('%s may, through Secrets Manager alone', async (role) => {
    const asking = { ...question, principal: roleArn(role), policies: policiesOfRole(role) };
    expect(await isAllowed(asking)).toBe(false);
    expect(await isAllowed({ ...asking, context: { 'aws:ViaAWSService': 'true' } })).toBe(true);
  });

  test.each(allBut('bootstrap', 'sweep', 'rotations'))('$name in $region may not', async ({ name, region }) => {
    expect(await may(name, region, question.action, rotateKek, { 'aws:ViaAWSService': 'true' })).toBe(false);
  });

  test('the schedule starts a rotation of this secret, and reads nothing', async () => {
    const role = 'keyward-rotation-schedule-us-east-1';
    const asking = {
      principal: roleArn(role),
      policies: policiesOfRole(role),
      resource: arn('secretsmanager', HOME, SECRET),
    };
    expect(await isAllowed({ ...asking, action: 'secretsmanager:RotateSecret' })).toBe(true);
    expect(await isAllowed({ ...asking, action: 'secretsmanager:GetSecretValue', context: CURRENT })).toBe(false);
    const other = arn('secretsmanager', HOME, OTHER_SECRET);
    expect(await isAllowed({ ...asking, action: 'secretsmanager:RotateSecret', resource: other })).toBe(false);
  });
});
