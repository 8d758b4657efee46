import { isAllowed, resolve, roleArn, type Policy } from '../simulated-iam';
import { HANDBOOK } from '../handbook';
import { synthesize } from '../synthesize';
import { HOME, resourcesOf, type Synthesized } from '../synthesized';

const made = new Map<string, Synthesized>();
const withLog = (transparency_log: object, replica_regions: readonly string[] = []): Synthesized => {
  const key = JSON.stringify(transparency_log);
  const found = made.get(key) ?? synthesize({ transparency_log, replica_regions });
  made.set(key, found);
  return found;
};

test('without a log no stack has anything of it', () => {
  const { templates } = withLog({ enabled: false });
  expect([...templates.keys()].filter((stack) => stack.includes('-log-'))).toEqual([]);
  const all = JSON.stringify([...templates]);
  for (const each of ['AWS::S3::Bucket', 'KEYWARD_ARCHIVE', 'KEYWARD_PUBLISH', 'publish-checkpoint', 'changed-log']) {
    expect([each, all.includes(each)]).toEqual([each, false]);
  }
});

/** A stack that is no longer in the app stays as it is: CDK deletes none (`cdk deploy --all`). */
test('a log that is switched off leaves its stacks alone: no other stack exports to them or imports from them', () => {
  const [on, off] = [withLog({}), withLog({ enabled: false })].map(({ templates }) => templates);
  for (const [stack, template] of off!) {
    const { Outputs = {} } = template as { Outputs?: Record<string, { Export?: { Name: string } }> };
    const exported = Object.values(Outputs).flatMap(({ Export }) => Export?.Name ?? []);
    const { Outputs: before = {} } = on!.get(stack) as { Outputs?: Record<string, { Export?: { Name: string } }> };
    const lost = Object.values(before)
      .flatMap(({ Export }) => Export?.Name ?? [])
      .filter((name) => !exported.includes(name));
    // CloudFormation refuses to remove what another stack imports.
    expect([stack, lost]).toEqual([stack, []]);
    expect([stack, JSON.stringify(template).includes('-log-us-east-1:')]).toEqual([stack, false]);
  }
});

const CONFIGURED = {
  lock_mode: 'compliance',
  lock_days: 1000,
  owner: 'audit.example.com',
  witness_bucket: 'their-witness',
};

test('the lock of the archive is what is configured', () => {
  const { templates } = withLog(CONFIGURED, ['eu-west-1']);
  for (const region of [HOME, 'eu-west-1']) {
    const buckets = resourcesOf(templates.get(`keyward-log-${region}`)!, 'AWS::S3::Bucket');
    const locks = buckets.map(([, { Properties }]) => Properties['ObjectLockConfiguration']);
    expect(locks).toEqual([
      { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 1000, Mode: 'COMPLIANCE' } } },
      undefined,
      undefined,
      undefined,
    ]);
    const copies = resourcesOf(templates.get(`keyward-log-copy-${region}`)!, 'AWS::S3::Bucket');
    expect(copies.map(([, { Properties }]) => Properties['ObjectLockConfiguration'])).toEqual([locks[0], undefined]);
  }
});

test('a hand-over adds keys beside those that the log has, which stay as they are', () => {
  const [one, two] = [withLog({}), withLog({ keys: 2 })].map(({ templates }) => templates.get(`keyward-log-${HOME}`)!);
  const keysIn = (template: typeof one) => new Map(resourcesOf(template!, 'AWS::KMS::Key'));
  const [before, after] = [keysIn(one), keysIn(two)];
  expect([before.size, after.size]).toEqual([2, 4]);
  for (const [id, key] of before) expect(after.get(id)).toEqual(key);
  const added = [...after].filter(([id]) => !before.has(id));
  for (const [, key] of added) {
    expect(key).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(key.Properties['KeyPolicy']).toEqual([...before.values()][0]!.Properties['KeyPolicy']);
  }
  const [, publisher] = resourcesOf(two!, 'AWS::Lambda::Function').find(
    ([, { Properties }]) => Properties['FunctionName'] === 'keyward-publish-checkpoint',
  )!;
  const { KEYWARD_LOG_KEY: logKeys } = (publisher.Properties['Environment'] as { Variables: Record<string, unknown> })
    .Variables;
  const ids = [...after.keys()];
  const arns = (logKeys as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1].filter((each) => each !== ',');
  expect(arns).toEqual(
    [ids[0], ids.find((id) => id.startsWith('signinglog2'))].map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })),
  );
  expect(JSON.stringify(resourcesOf(two!, 'AWS::Events::Rule'))).toContain('alias/keyward-signing-cosigner-2');
});

test('a checkpoint is copied to the witness below its own origin, and nothing is read there', async () => {
  const { templates } = withLog(CONFIGURED, ['eu-west-1']);
  const [, role] = resourcesOf(templates.get('keyward-log-eu-west-1')!, 'AWS::IAM::Role').find(
    ([, { Properties }]) => Properties['RoleName'] === 'keyward-publish-checkpoint-eu-west-1',
  )!;
  const policies = (role.Properties['Policies'] as { PolicyDocument: unknown }[]).map(
    ({ PolicyDocument }) => resolve(PolicyDocument) as Policy,
  );
  const may = (action: string, key: string): Promise<boolean> =>
    isAllowed({
      principal: roleArn('keyward-publish-checkpoint-eu-west-1'),
      policies,
      action: `s3:${action}`,
      resource: `arn:aws:s3:::their-witness/${key}`,
    });
  const own = 'audit.example.com/keyward/keyward/eu-west-1/1/0f';
  expect(await may('PutObject', own)).toBe(true);
  expect(await may('PutObject', own.replace('eu-west-1', HOME))).toBe(false);
  expect(await may('GetObject', own)).toBe(false);
  expect(await may('DeleteObject', own)).toBe(false);
});

test('where there is a witness, an alarm says that it got no copy, and the handbook what to do', () => {
  const { templates } = withLog(CONFIGURED, ['eu-west-1']);
  const [, alarm] = resourcesOf(templates.get('keyward-log-eu-west-1')!, 'AWS::CloudWatch::Alarm').find(
    ([, { Properties }]) => Properties['AlarmName'] === 'keyward-witness-failed',
  )!;
  expect(alarm.Properties).toMatchObject({
    Namespace: 'Keyward',
    MetricName: 'witness_failed',
    Statistic: 'Sum',
    Period: 7200,
    Threshold: 0,
    TreatMissingData: 'notBreaching',
  });
  expect(HANDBOOK).toContain('| `witness-failed` |');
});
