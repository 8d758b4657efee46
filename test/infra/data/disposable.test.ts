import { synthesize } from '../synthesize';
import { resourcesOf, type Resource, type Template } from '../synthesized';

const HOME_ONLY = { stage: 'dev-7', replica_regions: [] };
const disposable = synthesize({ ...HOME_ONLY, disposable: true });
const lasting = synthesize(HOME_ONLY);

const DATA = ['AWS::DynamoDB::GlobalTable', 'AWS::SecretsManager::Secret', 'AWS::KMS::Key', 'AWS::KMS::Alias'];
const LOGS = ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::Logs::LogGroup', 'AWS::SecretsManager::ResourcePolicy'];

const everything = (
  { templates }: typeof disposable,
  types: readonly string[],
): readonly (readonly [string, Resource])[] =>
  [...templates.values()].flatMap((template) => types.flatMap((type) => resourcesOf(template, type)));

const nameOf = ({ Properties }: Resource): unknown =>
  Properties['TableName'] ?? Properties['Name'] ?? Properties['AliasName'];

test('a stage called dev- that does not say so is protected like any other', () => {
  for (const [id, { DeletionPolicy, UpdateReplacePolicy, Type }] of everything(lasting, [...DATA, ...LOGS])) {
    if (Type === 'AWS::KMS::Alias') continue;
    expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
  }
  for (const [, table] of everything(lasting, ['AWS::DynamoDB::GlobalTable'])) {
    expect(table.Properties['Replicas']).toMatchObject([{ DeletionProtectionEnabled: true }]);
  }
});

test('nothing of a disposable one outlives its stacks', () => {
  const found = everything(disposable, [...DATA, ...LOGS]);
  expect(found.length).toBeGreaterThan(20);
  for (const [id, { DeletionPolicy, UpdateReplacePolicy, Type }] of found) {
    if (Type === 'AWS::KMS::Alias') continue;
    expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'Delete', 'Delete']);
  }
  for (const [, table] of everything(disposable, ['AWS::DynamoDB::GlobalTable'])) {
    expect(table.Properties['Replicas']).toMatchObject([{ Region: 'us-east-1', DeletionProtectionEnabled: false }]);
  }
  for (const [, key] of everything(disposable, ['AWS::KMS::Key'])) {
    expect(key.Properties['PendingWindowInDays']).toBe(7);
  }
  // Of the account and region, and shared with whoever has another API there.
  const kept = [...disposable.templates.values()].flatMap(({ Resources }) =>
    Object.values(Resources).filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain'),
  );
  expect(kept.map(({ Type }) => Type).toSorted()).toEqual(['AWS::ApiGateway::Account', 'AWS::IAM::Role']);
});

test('the policy that would keep CloudFormation from deleting the secret goes before it', () => {
  const [[, policy]] = everything(disposable, ['AWS::SecretsManager::ResourcePolicy']) as [[string, Resource]];
  const [[id]] = everything(disposable, ['AWS::SecretsManager::Secret']) as [[string, Resource]];
  expect(policy.Properties['SecretId']).toEqual({ Ref: id });
});

/**
 * CloudFormation creates what a template adds before it deletes what it no longer has, and refuses a name that is taken: so neither
 * kind becomes the other, by any of the stacks alone.
 */
test.each([
  ['disposable', lasting, disposable],
  ['lasting', disposable, lasting],
])('a deployment that is there cannot be made %s: all that holds data has its name under another id', (_, from, to) => {
  for (const [stack, template] of from.templates) {
    const next = to.templates.get(stack);
    if (next === undefined) {
      // What a log has locked outlives its stack: a disposable deployment has none.
      expect([stack, to === disposable]).toEqual(['dev-7-log-us-east-1', true]);
      continue;
    }
    for (const type of DATA) {
      const before = resourcesOf(template, type);
      const after = resourcesOf(next, type);
      expect(after.map(([, each]) => nameOf(each))).toEqual(before.map(([, each]) => nameOf(each)));
      expect(after.filter(([id]) => id in template.Resources)).toEqual([]);
    }
  }
});

test.each([
  ['disposable', lasting, disposable],
  ['lasting', disposable, lasting],
])('nor do the stacks without data become %s: they import what the other kind does not export', (_, from, to) => {
  const exported = [...from.templates.values()].flatMap((template) =>
    Object.values(
      (template as Template & { Outputs?: Record<string, { Export?: { Name: string } }> }).Outputs ?? {},
    ).map(({ Export }) => Export?.Name),
  );
  for (const stack of ['dev-7-api-us-east-1', 'dev-7-operations']) {
    const imports = Array.from(
      JSON.stringify(to.templates.get(stack)).matchAll(/"Fn::ImportValue":"([^"]*)"/g),
      ([, name]) => name!,
    );
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((name) => exported.includes(name))).toEqual([]);
  }
});

test('a disposable deployment may have replicas, too, and they are as unprotected', () => {
  const { templates } = synthesize({ stage: 'test-r', replica_regions: ['eu-west-1'], disposable: true });
  for (const [, { Properties }] of resourcesOf(templates.get('test-r-data')!, 'AWS::DynamoDB::GlobalTable')) {
    const replicas = Properties['Replicas'] as { DeletionProtectionEnabled: boolean }[];
    expect(replicas.map((each) => each.DeletionProtectionEnabled)).toEqual([false, false]);
  }
});

test('one region is a whole deployment: its functions know it alone, and nothing is denied or waited for elsewhere', () => {
  expect([...disposable.templates.keys()].toSorted()).toEqual([
    'dev-7-api-us-east-1',
    'dev-7-data',
    'dev-7-keys-us-east-1',
    'dev-7-operations',
    'dev-7-refusals-us-east-1',
  ]);
  const functions = everything(disposable, ['AWS::Lambda::Function']).filter(
    ([, { Properties }]) => Properties['Handler'] === 'index.handler',
  );
  for (const [id, { Properties }] of functions) {
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    expect([id, Variables['KEYWARD_REGIONS']]).toEqual([id, 'us-east-1']);
  }
  const [[, secret]] = everything(disposable, ['AWS::SecretsManager::Secret']) as [[string, Resource]];
  expect(secret.Properties['ReplicaRegions'] ?? []).toEqual([]);
});

test("neither CDK's own check nor cdk-nag finds anything in it that is not acknowledged", () => {
  expect(synthesize({ ...HOME_ONLY, disposable: true }, { checkTemplates: true }).report.pluginReports).toEqual([]);
});
