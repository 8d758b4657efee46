import { isAllowed, resolve, roleArn, type Policy } from '../simulated-iam';
import { synthesize } from '../synthesize';
import {
  ACCOUNT,
  functionsOf,
  HOME,
  REGIONS,
  REPLICAS,
  resourcesOf,
  synthesized,
  type Synthesized,
} from '../synthesized';
import { upgradeFacts } from './upgrade-facts';

const PAIRS = REGIONS.map((region) => `${region}=https://${region}.vault.example:8200`).join(',');
const APP_ROLE = { address: PAIRS, role_id: 'reader-role', secret_id_secret: 'vault/reader' };
const ROTATOR = { role_id: 'rotator-role', secret_id_secret: 'vault/rotator' };
const IDENTITY = { address: 'https://vault.example', auth: 'aws', aws_role: 'keyward', server_id: 'vault.example' };

const VAULT = { provider: 'vault', ...APP_ROLE, rotator: ROTATOR };
const TO_VAULT = { ...VAULT, moving_from: 'aws' };
const FROM_VAULT = { ...VAULT, provider: 'aws', moving_from: 'vault' };

const made = new Map<string, Synthesized>();
const withKek = (kek: object): Synthesized => {
  const key = JSON.stringify(kek);
  const found = made.get(key) ?? synthesize({ kek });
  made.set(key, found);
  return found;
};

interface Called {
  readonly name: string;
  readonly region: string;
  readonly variables: Readonly<Record<string, unknown>>;
}
const calledIn = ({ templates }: Synthesized): readonly Called[] =>
  [...templates].flatMap(([stack, template]) =>
    functionsOf(template).map(([, { Properties }]) => ({
      name: String(Properties['FunctionName']).replace('keyward-', ''),
      region: REGIONS.find((region) => stack.endsWith(region)) ?? HOME,
      variables: (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables,
    })),
  );
const NO_KEK = ['keys', 'audit', 'archive-events', 'publish-checkpoint', 'record-refusals'];

const policiesOf = ({ templates }: Synthesized, role: string): readonly Policy[] => {
  for (const template of templates.values()) {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
      if (Properties['RoleName'] !== role) continue;
      return (Properties['Policies'] as { PolicyDocument: unknown }[]).map(
        ({ PolicyDocument }) => resolve(PolicyDocument) as Policy,
      );
    }
  }
  throw new Error(`no role ${role}`);
};

const CURRENT = { 'secretsmanager:VersionStage': 'AWSCURRENT' };
const may = (
  from: Synthesized,
  { name, region }: Pick<Called, 'name' | 'region'>,
  action: string,
  resource: string,
  context = {},
) => {
  const role = `keyward-${name}-${region}`;
  return isAllowed({ principal: roleArn(role), policies: policiesOf(from, role), action, resource, context });
};
const secretIn = (region: string, name: string): string =>
  `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-AbCdEf`;
const rotateKek = `arn:aws:lambda:${HOME}:${ACCOUNT}:function:keyward-rotate-kek`;

describe('with the KEK in Vault alone', () => {
  test('there is no secret, no policy, no schedule of a rotation, and nobody may use such a secret', async () => {
    const vault = withKek(VAULT);
    const types = [...vault.templates.values()].flatMap(({ Resources }) =>
      Object.values(Resources).map(({ Type }) => Type),
    );
    expect(types.filter((type) => type.startsWith('AWS::SecretsManager::'))).toEqual([]);
    expect(JSON.stringify([...vault.templates])).not.toContain('rotateSecret');
    for (const each of calledIn(vault)) {
      expect([each.name, each.variables]).toEqual([
        each.name,
        expect.not.objectContaining({ KEYWARD_KEK_SECRET: expect.anything() }),
      ]);
      expect([
        each,
        await may(vault, each, 'secretsmanager:GetSecretValue', secretIn(each.region, 'keyward/kek'), CURRENT),
      ]).toEqual([each, false]);
    }
  });

  test('functions that read the KEK get where Vault is, the one that writes it its own login, and no other gets any', () => {
    for (const { name, variables } of calledIn(withKek(VAULT))) {
      const own = Object.keys(variables).filter((each) => each.startsWith('VAULT_'));
      if (NO_KEK.includes(name)) expect([name, own]).toEqual([name, []]);
      else {
        const [role, secret] =
          name === 'rotate-kek' ? ['rotator-role', 'vault/rotator'] : ['reader-role', 'vault/reader'];
        expect([name, variables]).toEqual([
          name,
          expect.objectContaining({
            SECRETS_PROVIDER: 'vault',
            VAULT_ADDR: PAIRS,
            VAULT_KEK_PATH: 'secret/keyward/kek',
            VAULT_AUTH: 'approle',
            VAULT_ROLE_ID: role,
            VAULT_SECRET_ID_SECRET: secret,
          }),
        ]);
      }
      const asks = ['sweep', 'bootstrap', 'rotations'].includes(name);
      expect([name, variables['KEYWARD_ROTATE_KEK_FUNCTION']]).toEqual([name, asks ? 'keyward-rotate-kek' : undefined]);
      const askRegions = ['rewrap-deks', 'rotations', 'rotation-worker', 'sweep'].includes(name);
      expect([name, variables['KEYWARD_PROVE_KEYSET_FUNCTION']]).toEqual([
        name,
        askRegions ? 'keyward-prove-keyset' : undefined,
      ]);
    }
  });

  test('of the secrets with a secret id each function reads its own, in its region, and nobody writes one', async () => {
    const vault = withKek(VAULT);
    const READ = 'secretsmanager:GetSecretValue';
    const WRITES = [
      'PutSecretValue',
      'UpdateSecret',
      'UpdateSecretVersionStage',
      'DeleteSecret',
      'PutResourcePolicy',
      'RotateSecret',
      'DescribeSecret',
    ];
    for (const each of calledIn(vault)) {
      const own = NO_KEK.includes(each.name)
        ? undefined
        : each.name === 'rotate-kek'
          ? 'vault/rotator'
          : 'vault/reader';
      for (const secret of ['vault/reader', 'vault/rotator', 'vault/other']) {
        for (const region of REGIONS) {
          const resource = secretIn(region, secret);
          const expected = secret === own && region === each.region;
          expect([each.name, resource, await may(vault, each, READ, resource, CURRENT)]).toEqual([
            each.name,
            resource,
            expected,
          ]);
        }
        for (const action of WRITES) {
          const resource = secretIn(each.region, secret);
          expect([each.name, action, await may(vault, each, `secretsmanager:${action}`, resource)]).toEqual([
            each.name,
            action,
            false,
          ]);
        }
      }
    }
  });

  test('rotations are requested by those who may, and each region is asked by the rewrap', async () => {
    const vault = withKek(VAULT);
    for (const each of calledIn(vault)) {
      const expected = ['sweep', 'bootstrap', 'rotations'].includes(each.name);
      expect([each.name, await may(vault, each, 'lambda:InvokeFunction', rotateKek)]).toEqual([each.name, expected]);
    }
    for (const region of REGIONS) {
      const prover = `arn:aws:lambda:${region}:${ACCOUNT}:function:keyward-prove-keyset`;
      expect(await may(vault, { name: 'rewrap-deks', region: HOME }, 'lambda:InvokeFunction', prover)).toBe(true);
      expect(await may(synthesized(), { name: 'rewrap-deks', region: HOME }, 'lambda:InvokeFunction', prover)).toBe(
        false,
      );
    }
    expect(await may(synthesized(), { name: 'sweep', region: HOME }, 'lambda:InvokeFunction', rotateKek)).toBe(false);
  });

  test('the alarms of the rotation have a source that is there, and say whom to look for', () => {
    const alarms = resourcesOf(withKek(VAULT).templates.get('keyward-operations')!, 'AWS::CloudWatch::Alarm');
    const named = new Map(
      alarms.map(([, { Properties }]) => [String(Properties['AlarmName']), String(Properties['AlarmDescription'])]),
    );
    expect(named.get('keyward-kek-rotation-errors')).toContain('the next sweep');
    expect([...named.keys()]).toContain('keyward-kek-rotation-abandoned');
    expect([...named.keys()]).not.toContain('keyward-kek-rotation-not-started');
    expect(named.get('keyward-replication-kek')).toContain('its Vault');
    const home = resourcesOf(withKek(VAULT).templates.get(`keyward-api-${HOME}`)!, 'AWS::CloudWatch::Alarm');
    const of = (name: string) => home.find(([, { Properties }]) => Properties['AlarmName'] === name)?.[1].Properties;
    expect(of('keyward-kek-unavailable')?.['AlarmDescription']).toContain('Vault returned');
    expect(of('keyward-kek-age')).toBeDefined();
  });

  test('whoever reads a secret id is noticed, as whoever reads the KEK is elsewhere', () => {
    for (const region of REGIONS) {
      const rules = resourcesOf(withKek(VAULT).templates.get(`keyward-api-${region}`)!, 'AWS::Events::Rule');
      const patterns = new Map(
        rules.map(([, { Properties }]) => [Properties['Name'], JSON.stringify(Properties['EventPattern'])]),
      );
      expect(patterns.get('keyward-read-secret')).toContain(`secret:vault/rotator`);
      expect(patterns.get('keyward-read-secret')).not.toContain('keyward/kek');
      expect(patterns.has('keyward-changed-secret')).toBe(false);
    }
    const rules = resourcesOf(
      withKek({ provider: 'vault', ...IDENTITY }).templates.get(`keyward-api-${HOME}`)!,
      'AWS::Events::Rule',
    );
    expect(rules.map(([, { Properties }]) => Properties['Name'])).not.toContain('keyward-read-secret');
  });

  test('with the identity of the functions no secret is read at all; the endpoint of STS is the region’s only on request', async () => {
    const kek = { provider: 'vault', ...IDENTITY, sts: 'regional', rotator: { aws_role: 'keyward-rotator' } };
    const regional = withKek(kek);
    for (const { name, region, variables } of calledIn(regional)) {
      if (NO_KEK.includes(name)) continue;
      expect([name, variables]).toEqual([
        name,
        expect.objectContaining({
          VAULT_AUTH: 'aws',
          VAULT_AWS_ROLE: name === 'rotate-kek' ? 'keyward-rotator' : 'keyward',
          VAULT_AWS_SERVER_ID: 'vault.example',
          VAULT_AWS_STS_REGION: region,
        }),
      ]);
    }
    expect(JSON.stringify([...regional.templates])).not.toContain('secretsmanager:GetSecretValue');
    expect(JSON.stringify([...withKek({ provider: 'vault', ...IDENTITY }).templates])).not.toContain('STS_REGION');
  });

  test('the variables of every function fit into what Lambda takes', () => {
    const certificate = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(2340)}\n-----END CERTIFICATE-----\n`;
    const kek = { ...VAULT, ca_certificate: certificate, namespace: 'admin/keyward', tls_server_name: 'vault.example' };
    for (const { name, variables } of calledIn(withKek(kek))) {
      const size = Object.entries(variables).reduce(
        (sum, [key, value]) => sum + key.length + JSON.stringify(value).length,
        0,
      );
      // "4 KB, for all environment variables associated with the function, in aggregate" (Lambda quotas).
      expect([name, size <= 4096]).toEqual([name, true]);
    }
  });
});

describe('on the way from one home to the other', () => {
  const STATEFUL = [
    'AWS::DynamoDB::GlobalTable',
    'AWS::KMS::Key',
    'AWS::KMS::Alias',
    'AWS::Logs::LogGroup',
    'AWS::SecretsManager::Secret',
    'AWS::SecretsManager::ResourcePolicy',
  ];
  const isOfSecret = (type: string): boolean => type.startsWith('AWS::SecretsManager::');
  const stages = {
    aws: () => synthesized(),
    'aws to vault': () => withKek(TO_VAULT),
    vault: () => withKek(VAULT),
    'vault to aws': () => withKek(FROM_VAULT),
  } as const;
  const statefulOf = (from: Synthesized) =>
    Object.entries(upgradeFacts(from.templates)).flatMap(([stack, { resources }]) =>
      Object.entries(resources)
        .filter(([, { type }]) => STATEFUL.includes(type))
        .map(([id, { type, fixed, kept }]) => ({ stack, id, type, fixed, kept })),
    );

  test.each([
    ['aws', 'aws to vault', []],
    // Until the move is finished nothing goes; then the secret stays behind, because it is retained.
    ['aws to vault', 'vault', ['AWS::SecretsManager::ResourcePolicy', 'AWS::SecretsManager::Secret']],
    ['aws to vault', 'aws', []],
    ['vault', 'vault to aws', []],
    ['vault to aws', 'aws', []],
    ['vault to aws', 'vault', ['AWS::SecretsManager::ResourcePolicy', 'AWS::SecretsManager::Secret']],
  ] as const)(
    'from %s to %s nothing that holds data is made anew, and all of it is retained',
    (before, after, gone) => {
      const [old, now] = [statefulOf(stages[before]()), statefulOf(stages[after]())];
      const left = old.filter(({ stack, id }) => !now.some((each) => each.stack === stack && each.id === id));
      expect(left.map(({ type }) => type).toSorted()).toEqual(gone);
      for (const each of old.filter((one) => !left.includes(one))) expect(now).toContainEqual(each);
      // An alias is a name, and holds nothing.
      const holding = [...old, ...now].filter(({ type }) => type !== 'AWS::KMS::Alias');
      for (const { id, kept } of holding) expect([id, kept]).toEqual([id, 'Retain, Retain']);
      const fresh = now.filter(({ stack, id }) => !old.some((each) => each.stack === stack && each.id === id));
      expect(fresh.every(({ type }) => before === 'vault' && isOfSecret(type))).toBe(true);
    },
  );

  test.each(['aws to vault', 'vault to aws'] as const)(
    '%s has the secret, its replicas and policy, and both settings',
    (stage) => {
      const both = stages[stage]();
      const data = both.templates.get('keyward-data')!;
      const [, secret] = resourcesOf(data, 'AWS::SecretsManager::Secret')[0]!;
      expect(secret.Properties['ReplicaRegions']).toHaveLength(REPLICAS.length);
      expect(resourcesOf(data, 'AWS::SecretsManager::ResourcePolicy')).toHaveLength(1);
      for (const { name, variables } of calledIn(both)) {
        const [provider, from] = stage === 'aws to vault' ? ['vault', 'aws'] : ['aws', 'vault'];
        expect([name, variables]).toEqual([
          name,
          expect.objectContaining({
            SECRETS_PROVIDER: provider,
            KEYWARD_KEK_MOVING_FROM: from,
            KEYWARD_KEK_SECRET: 'keyward/kek',
            ...(!NO_KEK.includes(name) && { VAULT_ADDR: PAIRS }),
          }),
        ]);
      }
    },
  );

  test('both permissions stand during a move, and the row of the move is read by all and written by the rotator', async () => {
    const both = withKek(TO_VAULT);
    const row = `arn:aws:dynamodb:${HOME}:${ACCOUNT}:table/keyward-rotations`;
    for (const each of calledIn(both).filter(({ name }) => !NO_KEK.includes(name))) {
      const secret = each.name === 'rotate-kek' ? 'vault/rotator' : 'vault/reader';
      for (const one of ['keyward/kek', secret]) {
        const allowed = await may(both, each, 'secretsmanager:GetSecretValue', secretIn(each.region, one), CURRENT);
        expect([each.name, one, allowed]).toEqual([each.name, one, true]);
      }
      expect([each.name, await may(both, each, 'dynamodb:GetItem', row)]).toEqual([each.name, true]);
    }
    expect(await may(both, { name: 'rotate-kek', region: HOME }, 'dynamodb:PutItem', row)).toBe(true);
    expect(await may(both, { name: 'decrypt', region: HOME }, 'dynamodb:PutItem', row)).toBe(false);
    expect(await may(synthesized(), { name: 'decrypt', region: HOME }, 'dynamodb:GetItem', row)).toBe(false);
    // Whoever writes a KEK or a keyset under it asks in any case: a home that was left behind must not change.
    for (const deployment of [synthesized(), withKek(VAULT)]) {
      for (const name of ['rotate-kek', 'rewrap-deks', 'bootstrap', 'sweep', 'rotations']) {
        expect([name, await may(deployment, { name, region: HOME }, 'dynamodb:GetItem', row)]).toEqual([name, true]);
      }
    }
  });

  test.each(['aws to vault', 'vault to aws'] as const)(
    '%s: whoever takes part in a move may do what it does, and the one who copies alone writes the secret',
    async (stage) => {
      const both = stages[stage]();
      const table = (name: string): string => `arn:aws:dynamodb:${HOME}:${ACCOUNT}:table/keyward-${name}`;
      const prove = (region: string): string => `arn:aws:lambda:${region}:${ACCOUNT}:function:keyward-prove-keyset`;
      const rotator = { name: 'rotate-kek', region: HOME };
      const operators = REGIONS.map((region) => ({ name: 'rotations', region }));
      const sweep = { name: 'sweep', region: HOME };
      const asked = [rotator, ...operators].flatMap((each) =>
        REGIONS.map((region) => [each, 'lambda:InvokeFunction', prove(region)] as const),
      );
      const kek = secretIn(HOME, 'keyward/kek');
      for (const [each, action, resource] of [
        ...asked,
        ...['GetItem', 'PutItem'].map((action) => [rotator, `dynamodb:${action}`, table('rotations')] as const),
        [rotator, 'dynamodb:Scan', table('keysets')] as const,
        ...['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
          (action) => [rotator, `secretsmanager:${action}`, kek] as const,
        ),
        ...operators.flatMap((operator) => [
          ...['GetItem', 'PutItem'].map((action) => [operator, `dynamodb:${action}`, table('rotations')] as const),
          [operator, 'lambda:InvokeFunction', rotateKek] as const,
        ]),
        [sweep, 'lambda:InvokeFunction', rotateKek] as const,
      ]) {
        expect([each, action, resource, await may(both, each, action, resource)]).toEqual([
          each,
          action,
          resource,
          true,
        ]);
      }
      for (const each of calledIn(both).filter(({ name }) => name !== 'rotate-kek')) {
        for (const action of ['PutSecretValue', 'UpdateSecretVersionStage']) {
          expect([each.name, await may(both, each, `secretsmanager:${action}`, kek)]).toEqual([each.name, false]);
        }
      }
      const { variables } = calledIn(both).find(({ name }) => name === 'rotate-kek')!;
      expect(variables).toMatchObject({ KEYWARD_PROVE_KEYSET_FUNCTION: 'keyward-prove-keyset' });
      for (const name of ['rotations', 'sweep']) {
        for (const each of calledIn(both).filter((one) => one.name === name)) {
          expect(each.variables).toMatchObject({
            KEYWARD_ROTATE_KEK_FUNCTION: 'keyward-rotate-kek',
            KEYWARD_PROVE_KEYSET_FUNCTION: 'keyward-prove-keyset',
          });
        }
      }
    },
  );

  test('a deployment without a move imports the secret, and one during a move does not', () => {
    const imports = Object.values(stages).map((stage) => upgradeFacts(stage().templates)['operations']!.imports);
    expect(imports.map((names) => names.some((name) => name.includes('keksecret')))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('no deployment takes away an export that a stack deployed later still imports', () => {
    for (const [before, after] of [
      ['aws', 'aws to vault'],
      ['aws to vault', 'vault'],
      ['aws to vault', 'aws'],
      ['vault', 'vault to aws'],
      ['vault to aws', 'aws'],
      ['vault to aws', 'vault'],
    ] as const) {
      const [old, now] = [stages[before](), stages[after]()].map(({ templates }) => upgradeFacts(templates)) as [
        ReturnType<typeof upgradeFacts>,
        ReturnType<typeof upgradeFacts>,
      ];
      const gone = old['data']!.exports.filter((name) => !now['data']!.exports.includes(name));
      expect([before, after, gone.filter((name) => old['operations']!.imports.includes(name))]).toEqual([
        before,
        after,
        [],
      ]);
    }
  });
});
