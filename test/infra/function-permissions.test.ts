import { ACCOUNT, HOME, REGIONS, REPLICAS } from './synthesized';
import { isAllowed, policiesOfRole, resourcePolicy, roleArn } from './simulated-iam';

const SECRET = 'secret:keyward/kek-AbCdEf';
const OTHER_SECRET = 'secret:other/kek-AbCdEf';
const CURRENT = { 'secretsmanager:VersionStage': 'AWSCURRENT' };
const PENDING = { 'secretsmanager:VersionStage': 'AWSPENDING' };

const EVERYWHERE = [
  'encrypt',
  'decrypt',
  'rewrap',
  'credentials',
  'keys',
  'rotations',
  'audit',
  'health',
  'prove-keyset',
] as const;
const AT_HOME = ['rotate-kek', 'rewrap-deks', 'rotation-worker', 'sweep', 'bootstrap'] as const;
type Name = (typeof EVERYWHERE)[number] | (typeof AT_HOME)[number];

/** What starts or goes on with DEK rotations. */
const ROTATING = ['rotations', 'rotation-worker', 'sweep'] as const;

const arn = (service: string, region: string, resource: string): string =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
const table = (name: string, region: string): string => arn('dynamodb', region, `table/keyward-${name}`);

const regionsOf = (name: Name): readonly string[] => ((AT_HOME as readonly string[]).includes(name) ? [HOME] : REGIONS);

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

const cases = [...EVERYWHERE, ...AT_HOME].flatMap((name) => regionsOf(name).map((region) => ({ name, region })));
const of = (...names: Name[]) => cases.filter(({ name }) => names.includes(name));
const allBut = (...names: Name[]) => cases.filter(({ name }) => !names.includes(name));

describe('reading keysets', () => {
  test.each(of('encrypt', 'decrypt', 'rewrap', 'credentials', 'health', 'rotate-kek', 'rewrap-deks'))(
    '$name in $region reads those of every region',
    async ({ name, region }) => {
      expect(await where(name, region, 'dynamodb:GetItem', (each) => table('keysets', each))).toEqual(REGIONS);
    },
  );

  test.each(of('keys', 'audit', 'prove-keyset', 'bootstrap'))('$name in $region reads its own', async (each) => {
    const { name, region } = each;
    expect(await where(name, region, 'dynamodb:GetItem', (at) => table('keysets', at))).toEqual([region]);
  });

  test.each(of(...ROTATING))('$name in $region reads those of the home region', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:GetItem', (each) => table('keysets', each))).toEqual([HOME]);
  });

  test.each(cases)('$name in $region lists none', async ({ name, region }) => {
    for (const action of ['dynamodb:Query', 'dynamodb:Scan', 'dynamodb:BatchGetItem']) {
      expect(await where(name, region, action, (each) => table('keysets', each))).toEqual([]);
    }
  });
});

describe('writing keysets', () => {
  test.each(allBut('rewrap-deks', 'bootstrap', ...ROTATING))(
    '$name in $region writes none',
    async ({ name, region }) => {
      for (const action of KEYSET_WRITES) {
        expect(await where(name, region, action, (each) => table('keysets', each))).toEqual([]);
      }
    },
  );

  test.each(of('rewrap-deks', 'bootstrap', ...ROTATING))('$name in $region puts those at home alone', async (each) => {
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

  test.each(of('encrypt', 'decrypt', 'rewrap', 'credentials', 'health', 'rewrap-deks', ...ROTATING))(
    '$name in $region reads the current one from every region',
    async ({ name, region }) => {
      expect(await where(name, region, read, secretIn, CURRENT)).toEqual(REGIONS);
      expect(await where(name, region, read, secretIn, PENDING)).toEqual([]);
    },
  );

  test.each(of('prove-keyset'))('prove-keyset in $region reads the current one there alone', async (each) => {
    const { name, region } = each;
    expect(await where(name, region, read, secretIn, CURRENT)).toEqual([region]);
    expect(await where(name, region, read, secretIn, PENDING)).toEqual([]);
  });

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

  test.each(allBut('rotate-kek', 'bootstrap', 'sweep'))(
    '$name in $region does not change it',
    async ({ name, region }) => {
      for (const action of SECRET_WRITES) expect(await where(name, region, action, secretIn)).toEqual([]);
    },
  );

  test('rotate-kek puts and moves stages at home, and nothing else', async () => {
    for (const action of SECRET_WRITES) {
      const mayDo = ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'].includes(action);
      expect(await where('rotate-kek', HOME, action, secretIn)).toEqual(mayDo ? [HOME] : []);
    }
    expect(await where('rotate-kek', HOME, 'secretsmanager:DescribeSecret', secretIn)).toEqual([HOME]);
  });

  test.each(of('bootstrap', 'sweep'))('$name starts a rotation at home, and nothing else', async ({ name }) => {
    for (const action of SECRET_WRITES) {
      const expected = action === 'secretsmanager:RotateSecret' ? [HOME] : [];
      expect(await where(name, HOME, action, secretIn)).toEqual(expected);
    }
  });

  test.each(allBut('rotate-kek'))('$name in $region does not describe it', async ({ name, region }) => {
    expect(await where(name, region, 'secretsmanager:DescribeSecret', secretIn)).toEqual([]);
  });
});

describe('audit events', () => {
  const SILENT = ['keys', 'audit', 'health', 'prove-keyset'] as const;
  const READING = ['audit', 'health', 'bootstrap', 'sweep'] as const;

  test.each(allBut(...SILENT))('$name in $region puts them where it runs', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:PutItem', (each) => table('audit', each))).toEqual([region]);
  });

  test.each(of(...SILENT))('$name in $region puts none', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:PutItem', (each) => table('audit', each))).toEqual([]);
  });

  test.each(of(...READING))('$name in $region queries them where it runs', async (each) => {
    const { name, region } = each;
    expect(await where(name, region, 'dynamodb:Query', (at) => table('audit', at))).toEqual([region]);
  });

  test.each(allBut(...READING))('$name in $region reads none', async ({ name, region }) => {
    for (const action of ['dynamodb:GetItem', 'dynamodb:Query']) {
      expect(await where(name, region, action, (each) => table('audit', each))).toEqual([]);
    }
  });

  /** To IAM a batch that puts and one that deletes are the same. */
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

  test.each(allBut('credentials', 'bootstrap', ...ROTATING))('$name in $region does not read them', async (each) => {
    const { name, region } = each;
    for (const action of ['dynamodb:GetItem', 'dynamodb:Query']) {
      expect(await where(name, region, action, (at) => table('credentials', at))).toEqual([]);
    }
  });

  test.each(of(...ROTATING))('$name in $region reads those at home', async ({ name, region }) => {
    for (const action of ['dynamodb:GetItem', 'dynamodb:Query']) {
      expect(await where(name, region, action, (each) => table('credentials', each))).toEqual([HOME]);
    }
  });

  test.each(allBut('credentials'))('of all others rotation-worker alone puts them: $name in $region', async (each) => {
    const { name, region } = each;
    const expected = name === 'rotation-worker' ? [HOME] : [];
    expect(await where(name, region, 'dynamodb:PutItem', (at) => table('credentials', at))).toEqual(expected);
  });

  test.each(cases)('the index by key version is for those who look for stragglers: $name in $region', async (each) => {
    const { name, region } = each;
    const index = (at: string): string => `${table('credentials', at)}/index/by-key-version`;
    const expected = name === 'rotations' || name === 'sweep' ? [HOME] : [];
    expect(await where(name, region, 'dynamodb:Query', index)).toEqual(expected);
    expect(await where(name, region, 'dynamodb:Scan', index)).toEqual([]);
  });

  test('bootstrap asks whether there are any', async () => {
    const credentials = (each: string): string => table('credentials', each);
    expect(await where('bootstrap', HOME, 'dynamodb:Query', credentials)).toEqual([HOME]);
    expect(await where('bootstrap', HOME, 'dynamodb:PutItem', credentials)).toEqual([]);
  });
});

describe('rotations', () => {
  const rotations = (region: string): string => table('rotations', region);

  test.each(of(...ROTATING))('$name in $region reads and puts them at home', async ({ name, region }) => {
    for (const action of ['GetItem', 'Query', 'PutItem']) {
      expect([action, await where(name, region, `dynamodb:${action}`, rotations)]).toEqual([action, [HOME]]);
    }
  });

  test.each(allBut(...ROTATING))('$name in $region does not touch them', async ({ name, region }) => {
    for (const action of ['GetItem', 'Query', 'PutItem']) {
      expect([action, await where(name, region, `dynamodb:${action}`, rotations)]).toEqual([action, []]);
    }
  });

  test.each(cases)('$name in $region neither scans, updates, deletes nor batch-writes', async ({ name, region }) => {
    for (const action of ['Scan', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']) {
      expect([action, await where(name, region, `dynamodb:${action}`, rotations)]).toEqual([action, []]);
    }
  });
});

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

  test.each(cases)('$name in $region invokes no other function', async ({ name, region }) => {
    for (const other of [...EVERYWHERE, ...AT_HOME].filter((each) => each !== 'prove-keyset')) {
      expect([other, await where(name, region, invoke, functionIn(other))]).toEqual([other, []]);
    }
    const longer = (at: string): string => `${functionIn('prove-keyset')(at)}-2`;
    expect(await where(name, region, invoke, longer)).toEqual([]);
  });

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
  const ROLES = ['keyward-bootstrap-us-east-1', 'keyward-sweep-us-east-1', 'keyward-rotation-schedule-us-east-1'];

  test.each(ROLES)('%s may, through Secrets Manager alone', async (role) => {
    const asking = { ...question, principal: roleArn(role), policies: policiesOfRole(role) };
    expect(await isAllowed(asking)).toBe(false);
    expect(await isAllowed({ ...asking, context: { 'aws:ViaAWSService': 'true' } })).toBe(true);
  });

  test.each(allBut('bootstrap', 'sweep'))('$name in $region may not', async ({ name, region }) => {
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
