import { readDeployment } from '../../../lib/deployment';
import { isAllowed, resolve, roleArn, type Policy } from '../simulated-iam';
import { synthesize } from '../synthesize';
import { HOME, resourcesOf, type Synthesized } from '../synthesized';

const of = (transparency_log: unknown, others: object = {}) => readDeployment({ ...others, transparency_log }).log;

test('a log is kept unless the configuration says otherwise, locked as long as events are kept', () => {
  const byDefault = { owner: '111111111111', lockMode: 'governance', lockDays: 400, witness: undefined };
  expect(of(undefined)).toEqual(byDefault);
  expect(of({})).toEqual(byDefault);
  expect(of(undefined, { audit_retention_days: 30 })?.lockDays).toBe(30);
  expect(of({ enabled: false })).toBeUndefined();
  expect(
    of({
      owner: 'audit.example.com',
      lock_mode: 'compliance',
      lock_days: 3650,
      witness_bucket: 'their.witness-1',
      witness_region: 'eu-central-1',
    }),
  ).toEqual({
    owner: 'audit.example.com',
    lockMode: 'compliance',
    lockDays: 3650,
    witness: { name: 'their.witness-1', region: 'eu-central-1' },
  });
  expect(of({ witness_bucket: 'abc' })?.witness).toEqual({ name: 'abc', region: HOME });
  expect(of({ owner: '222222222222' }, { account: '222222222222' })?.owner).toBe('222222222222');
});

test('a disposable deployment keeps none: what is locked outlives its stacks', () => {
  const disposable = { stage: 'dev-7', disposable: true };
  expect(of(undefined, disposable)).toBeUndefined();
  expect(() => of({ enabled: true }, disposable)).toThrow(
    "The configuration's transparency_log.enabled must not be true in a disposable deployment: what is locked outlives its stacks.",
  );
});

test.each([
  [[], ' must be an object.'],
  ['on', ' must be an object.'],
  [{ owners: 'x' }, '.owners is not a known field.'],
  [{ enabled: 'yes' }, '.enabled must be true or false.'],
  [{ owner: 'localhost' }, '.owner must be a domain in lower case, such as audit.example.com.'],
  [{ owner: 'Audit.example.com' }, '.owner must be a domain in lower case, such as audit.example.com.'],
  [{ owner: 'a.example/x' }, '.owner must be a domain in lower case, such as audit.example.com.'],
  [{ owner: '222222222222' }, '.owner must be a domain in lower case, such as audit.example.com.'],
  [{ lock_mode: 'none' }, '.lock_mode must be one of governance, compliance.'],
  [{ lock_days: 399 }, '.lock_days must be a whole number from audit_retention_days, 400, to 36500.'],
  [{ lock_days: 36_501 }, '.lock_days must be a whole number from audit_retention_days, 400, to 36500.'],
  [{ lock_days: '400' }, '.lock_days must be a whole number from audit_retention_days, 400, to 36500.'],
  [{ witness_bucket: 'Upper' }, '.witness_bucket must be the name of a bucket.'],
  [{ witness_bucket: 'a..b' }, '.witness_bucket must be the name of a bucket.'],
  [{ witness_bucket: 'arn:aws:s3:::x' }, '.witness_bucket must be the name of a bucket.'],
  [{ witness_bucket: 'abc', witness_region: 'moon-1' }, '.witness_region is not a valid AWS region.'],
  [{ witness_region: HOME }, '.witness_region must be left out where there is no witness_bucket.'],
])('%j is refused', (given, rule) => {
  expect(() => of(given)).toThrow(`The configuration's transparency_log${rule}`);
});

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
    ]);
  }
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
