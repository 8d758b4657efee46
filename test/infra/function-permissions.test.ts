import { ACCOUNT, HOME, REGIONS, REPLICAS } from './synthesized';
import { isAllowed, policiesOfRole, resourcePolicy, roleArn } from './simulated-iam';

const SECRET = 'secret:keyward/kek-AbCdEf';
const OTHER_SECRET = 'secret:other/kek-AbCdEf';
const CURRENT = { 'secretsmanager:VersionStage': 'AWSCURRENT' };
const PENDING = { 'secretsmanager:VersionStage': 'AWSPENDING' };

const API = ['encrypt', 'decrypt', 'rewrap', 'credentials', 'keys', 'audit', 'health'] as const;
const OPERATIONS = ['rotate-kek', 'rewrap-deks', 'bootstrap'] as const;
type Name = (typeof API)[number] | (typeof OPERATIONS)[number];

const arn = (service: string, region: string, resource: string): string =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
const table = (name: string, region: string): string => arn('dynamodb', region, `table/keyward-${name}`);

const regionsOf = (name: Name): readonly string[] =>
  (OPERATIONS as readonly string[]).includes(name) ? [HOME] : REGIONS;

/** May the function, in a region, do this? The secret's own policy has its say, too. */
const may = (name: Name, region: string, action: string, resource: string, context = {}): Promise<boolean> =>
  isAllowed({
    principal: roleArn(`keyward-${name}-${region}`),
    policies: policiesOfRole(`keyward-${name}-${region}`),
    action,
    resource,
    context,
    ...(resource.includes(':secret:') && {
      resourcePolicy: resourcePolicy('keyward-data', 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy'),
    }),
  });

/** The regions in which a function in `region` may do something; `where` names a resource for each. */
async function where(
  name: Name,
  region: string,
  action: string,
  resourceIn: (region: string) => string,
  context = {},
): Promise<readonly string[]> {
  const answers = await Promise.all(REGIONS.map((each) => may(name, region, action, resourceIn(each), context)));
  return REGIONS.filter((_, index) => answers[index]);
}

const WRITTEN_AT_HOME = ['keysets', 'credentials', 'rotations'];
const KEYSET_WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map((each) => `dynamodb:${each}`);
const SECRET_WRITES = [
  'PutSecretValue',
  'UpdateSecret',
  'UpdateSecretVersionStage',
  'DeleteSecret',
  'ReplicateSecretToRegions',
  'RemoveRegionsFromReplication',
  'PutResourcePolicy',
  'RotateSecret',
].map((each) => `secretsmanager:${each}`);

const cases = [...API, ...OPERATIONS].flatMap((name) => regionsOf(name).map((region) => ({ name, region })));
const of = (...names: Name[]) => cases.filter(({ name }) => names.includes(name));
const allBut = (...names: Name[]) => cases.filter(({ name }) => !names.includes(name));

describe('reading keysets', () => {
  test.each(of('encrypt', 'decrypt', 'rewrap', 'credentials', 'health', 'rotate-kek', 'rewrap-deks'))(
    '$name in $region reads those of every region',
    async ({ name, region }) => {
      expect(await where(name, region, 'dynamodb:GetItem', (each) => table('keysets', each))).toEqual(REGIONS);
    },
  );

  test.each(of('keys', 'bootstrap'))('$name in $region reads its own', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:GetItem', (each) => table('keysets', each))).toEqual([region]);
  });

  test.each(of('audit'))('audit in $region reads none', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:GetItem', (each) => table('keysets', each))).toEqual([]);
  });
});

describe('writing keysets', () => {
  test.each(allBut('rewrap-deks', 'bootstrap'))('$name in $region writes none', async ({ name, region }) => {
    for (const action of KEYSET_WRITES) {
      expect(await where(name, region, action, (each) => table('keysets', each))).toEqual([]);
    }
  });

  test.each(of('rewrap-deks', 'bootstrap'))('$name writes those of the home region, and deletes none', async (each) => {
    const { name, region } = each;
    for (const action of KEYSET_WRITES) {
      const expected = action === 'dynamodb:PutItem' ? [HOME] : [];
      expect(await where(name, region, action, (at) => table('keysets', at))).toEqual(expected);
    }
  });

  test.each(cases)('$name in $region has it denied in replica regions, whatever else it is given', async (each) => {
    const { name, region } = each;
    const policies = [...policiesOfRole(`keyward-${name}-${region}`), EVERYTHING];
    for (const action of KEYSET_WRITES) {
      for (const resource of REPLICAS.flatMap((at) => WRITTEN_AT_HOME.map((each) => table(each, at)))) {
        const principal = roleArn(`keyward-${name}-${region}`);
        expect(await isAllowed({ principal, policies, action, resource })).toBe(false);
      }
      const principal = roleArn(`keyward-${name}-${region}`);
      expect(await isAllowed({ principal, policies, action, resource: table('keysets', HOME) })).toBe(true);
    }
  });
});

const EVERYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

describe('the KEK', () => {
  const secretIn = (region: string): string => arn('secretsmanager', region, SECRET);
  const read = 'secretsmanager:GetSecretValue';

  test.each(of('encrypt', 'decrypt', 'rewrap', 'credentials', 'health', 'rewrap-deks'))(
    '$name in $region reads the current one from every region',
    async ({ name, region }) => {
      expect(await where(name, region, read, secretIn, CURRENT)).toEqual(REGIONS);
      expect(await where(name, region, read, secretIn, PENDING)).toEqual([]);
    },
  );

  test('bootstrap reads the current one at home', async () => {
    expect(await where('bootstrap', HOME, read, secretIn, CURRENT)).toEqual([HOME]);
  });

  test('rotate-kek reads any version at home', async () => {
    expect(await where('rotate-kek', HOME, read, secretIn, PENDING)).toEqual([HOME]);
    expect(await where('rotate-kek', HOME, read, secretIn)).toEqual([HOME]);
  });

  test.each(of('keys', 'audit'))('$name in $region does not read it', async ({ name, region }) => {
    expect(await where(name, region, read, secretIn, CURRENT)).toEqual([]);
    const principal = roleArn(`keyward-${name}-${region}`);
    const policy = resourcePolicy('keyward-data', 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy');
    const question = { principal, policies: [EVERYTHING], action: read, context: CURRENT, resourcePolicy: policy };
    expect(await isAllowed({ ...question, resource: secretIn(HOME) })).toBe(false);
  });

  test.each(cases)('$name in $region reads no other secret', async ({ name, region }) => {
    const others = (each: string): string => arn('secretsmanager', each, OTHER_SECRET);
    expect(await where(name, region, read, others, CURRENT)).toEqual([]);
  });

  test.each(allBut('rotate-kek', 'bootstrap'))('$name in $region does not change it', async ({ name, region }) => {
    for (const action of SECRET_WRITES) expect(await where(name, region, action, secretIn)).toEqual([]);
  });

  test('rotate-kek puts and moves stages at home, and nothing else', async () => {
    for (const action of SECRET_WRITES) {
      const mayDo = ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'].includes(action);
      expect(await where('rotate-kek', HOME, action, secretIn)).toEqual(mayDo ? [HOME] : []);
    }
    expect(await where('rotate-kek', HOME, 'secretsmanager:DescribeSecret', secretIn)).toEqual([HOME]);
  });

  test('bootstrap starts a rotation at home, and nothing else', async () => {
    for (const action of SECRET_WRITES) {
      const expected = action === 'secretsmanager:RotateSecret' ? [HOME] : [];
      expect(await where('bootstrap', HOME, action, secretIn)).toEqual(expected);
    }
  });
});

describe('audit events', () => {
  test.each(allBut('keys', 'audit', 'health'))('$name in $region puts them where it runs', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:PutItem', (each) => table('audit', each))).toEqual([region]);
  });

  test.each(of('keys', 'audit', 'health'))('$name in $region puts none', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:PutItem', (each) => table('audit', each))).toEqual([]);
  });

  test.each(of('audit', 'health', 'bootstrap'))('$name in $region queries them where it runs', async (each) => {
    const { name, region } = each;
    expect(await where(name, region, 'dynamodb:Query', (at) => table('audit', at))).toEqual([region]);
  });

  test.each(cases)('$name in $region neither changes, deletes nor scans one', async ({ name, region }) => {
    for (const action of ['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'Scan']) {
      expect(await where(name, region, `dynamodb:${action}`, (each) => table('audit', each))).toEqual([]);
    }
  });
});

describe('stored credentials', () => {
  test.each(of('credentials'))('credentials in $region reads its own and at home, and puts at home', async (each) => {
    const { name, region } = each;
    const own = REGIONS.filter((at) => at === region || at === HOME);
    for (const action of ['dynamodb:GetItem', 'dynamodb:Query']) {
      expect(await where(name, region, action, (at) => table('credentials', at))).toEqual(own);
    }
    expect(await where(name, region, 'dynamodb:PutItem', (at) => table('credentials', at))).toEqual([HOME]);
  });

  test.each(cases)('$name in $region neither scans, deletes nor batch-writes', async ({ name, region }) => {
    for (const action of ['Scan', 'DeleteItem', 'BatchWriteItem']) {
      for (const target of ['keysets', 'credentials']) {
        expect(await where(name, region, `dynamodb:${action}`, (each) => table(target, each))).toEqual([]);
      }
    }
  });

  test.each(allBut('credentials', 'bootstrap'))('$name in $region does not read them', async ({ name, region }) => {
    for (const action of ['dynamodb:GetItem', 'dynamodb:Query']) {
      expect(await where(name, region, action, (each) => table('credentials', each))).toEqual([]);
    }
  });

  test('bootstrap asks whether there are any', async () => {
    const credentials = (each: string): string => table('credentials', each);
    expect(await where('bootstrap', HOME, 'dynamodb:Query', credentials)).toEqual([HOME]);
    expect(await where('bootstrap', HOME, 'dynamodb:PutItem', credentials)).toEqual([]);
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
  const ROLES = ['keyward-bootstrap-us-east-1', 'keyward-rotation-schedule-us-east-1'];

  test.each(ROLES)('%s may, through Secrets Manager alone', async (role) => {
    const asking = { ...question, principal: roleArn(role), policies: policiesOfRole(role) };
    expect(await isAllowed(asking)).toBe(false);
    expect(await isAllowed({ ...asking, context: { 'aws:ViaAWSService': 'true' } })).toBe(true);
  });

  test.each(allBut('bootstrap'))('$name in $region may not', async ({ name, region }) => {
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
