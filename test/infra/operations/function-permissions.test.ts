import { HOME, REGIONS, REPLICAS } from '../synthesized';
import { allBut, arn, cases, CURRENT, of, OTHER_SECRET, ROTATING, SECRET, table, where } from './function-cases';
import { isAllowed, policiesOfRole, resourcePolicy, roleArn } from '../simulated-iam';

const PENDING = { 'secretsmanager:VersionStage': 'AWSPENDING' };

/** What writes a KEK or a keyset under it, beside what works on rotations of DEKs. */
const WRITES_KEK = ['rotate-kek', 'rewrap-deks', 'bootstrap'] as const;
const WRITTEN_AT_HOME = ['keysets', 'credentials', 'rotations'];
const KEYSET_WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert'].map(
  (each) => `dynamodb:${each}`,
);
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

/** Which KEK is needed is decided by all keysets that are stored. */
const LISTING = ['rotate-kek', 'rewrap-deks', 'sweep'] as const;

describe('reading keysets', () => {
  test.each(of('encrypt', 'decrypt', 'rewrap', 'credentials', 'health', 'bootstrap'))(
    '$name in $region reads those of every region',
    async ({ name, region }) => {
      expect(await where(name, region, 'dynamodb:GetItem', (each) => table('keysets', each))).toEqual(REGIONS);
    },
  );

  test.each(of('keys', 'audit', 'prove-keyset', 'rewrap-deks'))('$name in $region reads its own', async (each) => {
    const { name, region } = each;
    expect(await where(name, region, 'dynamodb:GetItem', (at) => table('keysets', at))).toEqual([region]);
  });

  test.each(of(...ROTATING))('$name in $region reads those of the home region', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:GetItem', (each) => table('keysets', each))).toEqual([HOME]);
  });

  test('rotate-kek reads none by name: what is stored decides', async () => {
    expect(await where('rotate-kek', HOME, 'dynamodb:GetItem', (each) => table('keysets', each))).toEqual([]);
  });

  test.each(of(...LISTING))('$name in $region lists those of every region', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:Scan', (each) => table('keysets', each))).toEqual(REGIONS);
  });

  test.each(of('audit', 'archive-events'))(
    '$name in $region lists its own, so that no event is hidden',
    async ({ name, region }) => {
      expect(await where(name, region, 'dynamodb:Scan', (each) => table('keysets', each))).toEqual([region]);
    },
  );

  test.each(allBut('audit', 'archive-events', ...LISTING))('$name in $region lists none', async ({ name, region }) => {
    expect(await where(name, region, 'dynamodb:Scan', (each) => table('keysets', each))).toEqual([]);
  });

  test.each(cases)('$name in $region reads them in no other way', async ({ name, region }) => {
    for (const action of ['dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PartiQLSelect']) {
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

  test.each(of('encrypt', 'decrypt', 'rewrap', 'credentials', 'health', 'rewrap-deks', 'bootstrap', ...ROTATING))(
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

  test('rotate-kek reads any version at home', async () => {
    expect(await where('rotate-kek', HOME, read, secretIn, PENDING)).toEqual([HOME]);
    expect(await where('rotate-kek', HOME, read, secretIn)).toEqual([HOME]);
  });

  test.each(of('keys', 'audit', 'archive-events', 'publish-checkpoint', 'record-refusals'))(
    '$name in $region does not read it',
    async ({ name, region }) => {
      expect(await where(name, region, read, secretIn, CURRENT)).toEqual([]);
      const principal = roleArn(`keyward-${name}-${region}`);
      const policy = resourcePolicy('keyward-data', 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy');
      const question = { principal, policies: [EVERYTHING], action: read, context: CURRENT, resourcePolicy: policy };
      expect(await isAllowed({ ...question, resource: secretIn(HOME) })).toBe(false);
    },
  );

  test.each(cases)('$name in $region reads no other secret', async ({ name, region }) => {
    const others = (each: string): string => arn('secretsmanager', each, OTHER_SECRET);
    expect(await where(name, region, read, others, CURRENT)).toEqual([]);
  });

  test.each(allBut('rotate-kek', 'bootstrap', 'sweep', 'rotations'))(
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

  test.each(of('bootstrap', 'sweep', 'rotations'))(
    '$name in $region starts a rotation at home, and nothing else',
    async ({ name, region }) => {
      for (const action of SECRET_WRITES) {
        const expected = action === 'secretsmanager:RotateSecret' ? [HOME] : [];
        expect(await where(name, region, action, secretIn)).toEqual(expected);
      }
    },
  );

  test.each(of('rotations'))('$name in $region describes it at home', async ({ name, region }) => {
    expect(await where(name, region, 'secretsmanager:DescribeSecret', secretIn)).toEqual([HOME]);
  });

  test.each(allBut('rotate-kek', 'rotations'))('$name in $region does not describe it', async ({ name, region }) => {
    expect(await where(name, region, 'secretsmanager:DescribeSecret', secretIn)).toEqual([]);
  });
});

describe('audit events', () => {
  const SILENT = ['keys', 'health', 'prove-keyset', 'archive-events', 'publish-checkpoint'] as const;
  const READING = ['audit', 'health', 'bootstrap', 'sweep', 'archive-events'] as const;
  /** Those that serve batches, and the one that gets lines of many requests. */
  const GROUPING = ['encrypt', 'decrypt', 'rewrap', 'record-refusals'] as const;
  const INSERT = 'dynamodb:PartiQLInsert';

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
    for (const action of ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PartiQLSelect']) {
      expect(await where(name, region, action, (each) => table('audit', each))).toEqual([]);
    }
  });

  /** To IAM a batch that puts and one that deletes are the same. */
  test.each(cases)('$name in $region neither changes, deletes nor scans one', async ({ name, region }) => {
    for (const action of ['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'Scan', 'PartiQLUpdate', 'PartiQLDelete']) {
      expect(await where(name, region, `dynamodb:${action}`, (each) => table('audit', each))).toEqual([]);
    }
  });

  test.each(of(...GROUPING))('$name in $region inserts groups of them where it runs', async ({ name, region }) => {
    expect(await where(name, region, INSERT, (each) => table('audit', each))).toEqual([region]);
  });

  test.each(allBut(...GROUPING))('$name in $region inserts no group', async ({ name, region }) => {
    expect(await where(name, region, INSERT, (each) => table('audit', each))).toEqual([]);
  });

  test.each(cases)('$name in $region inserts into no other table', async ({ name, region }) => {
    for (const other of ['keysets', 'credentials', 'rotations']) {
      expect([other, await where(name, region, INSERT, (each) => table(other, each))]).toEqual([other, []]);
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
      expect(await where(name, region, `dynamodb:${action}`, (each) => table('credentials', each))).toEqual([]);
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

  test.each(of(...WRITES_KEK))('$name in $region asks at home whether the KEK is being moved', async (each) => {
    const { name, region } = each;
    for (const [action, expected] of [
      ['GetItem', [HOME]],
      ['Query', []],
      ['PutItem', []],
    ] as const) {
      expect([action, await where(name, region, `dynamodb:${action}`, rotations)]).toEqual([action, expected]);
    }
  });

  test.each(allBut(...ROTATING, ...WRITES_KEK))('$name in $region does not touch them', async ({ name, region }) => {
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
