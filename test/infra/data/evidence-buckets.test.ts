import { isAllowed, policiesOfRole, roleArn, type Policy, type Question } from '../simulated-iam';
import { bucketArn, bucketPolicy, type Bucket } from '../log-policies';
import { ACCOUNT, HOME, REGIONS, resourcesOf, templateOf } from '../synthesized';

const BUCKETS: readonly Bucket[] = ['archive', 'log', 'failed-batches'];
const WRITER: Readonly<Record<Bucket, string>> = {
  archive: 'archive-events',
  log: 'publish-checkpoint',
  'failed-batches': 'archive-events',
};
const PATHS: Readonly<Record<Bucket, readonly string[]>> = {
  archive: ['archive/2026-11-27T14/0f.gz', 'reconciled/days/2026-11-27/02'],
  log: ['checkpoint', 'state', 'keys', 'tile/0/000', 'tile/entries/000.p/7', 'index/2026/11/27/14/05/0', 'hand-over/1'],
  'failed-batches': ['aws/lambda/0/shardId-0/2026/11/27/x'],
};
const EVERYTHING: Policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const ONLY_NEW = { 's3:if-none-match': '*', 's3:TlsVersion': '1.3' };
const TLS = { 's3:TlsVersion': '1.3' };

const buckets = REGIONS.flatMap((region) => BUCKETS.map((bucket) => ({ bucket, region })));

/** May a role with these policies do this to an object, or to the bucket itself where no path is given? */
const may = (
  { bucket, region }: { bucket: Bucket; region: string },
  role: string,
  action: string,
  path?: string,
  more: Partial<Question> = {},
): Promise<boolean> =>
  isAllowed({
    principal: roleArn(role),
    policies: [EVERYTHING],
    action: `s3:${action}`,
    resource: path === undefined ? bucketArn(bucket, region) : `${bucketArn(bucket, region)}/${path}`,
    resourcePolicy: bucketPolicy(bucket, region),
    context: TLS,
    ...more,
  });

const ADMINISTRATOR = 'administrator';
const execution = (region: string): string => `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${region}`;

describe.each(buckets)('the bucket $bucket in $region', (each) => {
  const { bucket, region } = each;
  const writer = `keyward-${WRITER[bucket]}-${region}`;
  const everybody = [ADMINISTRATOR, writer, execution(region), 'keyward-break-glass', 'keyward-audit-us-east-1'];

  test('nobody deletes from it, bypasses its retention or locks for longer, whatever else they are given', async () => {
    const [path] = PATHS[bucket];
    for (const role of everybody) {
      for (const action of ['DeleteObject', 'DeleteObjectVersion', 'BypassGovernanceRetention', 'PutObjectRetention']) {
        expect([role, action, await may(each, role, action, path)]).toEqual([role, action, false]);
      }
      for (const action of ['ReplicateObject', 'ReplicateDelete']) {
        expect([role, action, await may(each, role, action, path)]).toEqual([role, action, false]);
      }
      expect([role, await may(each, role, 'DeleteBucket')]).toEqual([role, false]);
    }
  });

  test('its function alone puts objects, and only where they belong', async () => {
    for (const path of PATHS[bucket]) {
      for (const role of everybody) {
        const answer = await may(each, role, 'PutObject', path, { context: ONLY_NEW });
        expect([role, path, answer]).toEqual([role, path, role === writer]);
      }
    }
    const elsewhere = await may(each, writer, 'PutObject', 'elsewhere', { context: ONLY_NEW });
    expect(elsewhere).toBe(bucket === 'failed-batches');
    const other = REGIONS.find((at) => at !== region)!;
    expect(
      await may(each, `keyward-${WRITER[bucket]}-${other}`, 'PutObject', PATHS[bucket][0], { context: ONLY_NEW }),
    ).toBe(false);
  });

  test('its function does so by its own policy', async () => {
    for (const path of PATHS[bucket]) {
      const own = { policies: policiesOfRole(writer), context: ONLY_NEW };
      expect([path, await may(each, writer, 'PutObject', path, own)]).toEqual([path, true]);
    }
  });

  test('in the archive nothing is overwritten: what does not say so is denied', async () => {
    for (const path of PATHS[bucket]) {
      expect(await may(each, writer, 'PutObject', path)).toBe(bucket !== 'archive');
    }
  });

  test('deployments alone have S3 expire, replicate or unlock', async () => {
    for (const action of [
      ...['PutLifecycleConfiguration', 'PutBucketVersioning', 'PutBucketObjectLockConfiguration'],
      ...['PutReplicationConfiguration', 'PutBucketPublicAccessBlock', 'PutEncryptionConfiguration'],
    ]) {
      for (const role of everybody) {
        expect([role, action, await may(each, role, action)]).toEqual([role, action, role === execution(region)]);
      }
    }
  });

  test('it is asked by TLS 1.2 or later alone', async () => {
    const ask = (context: Record<string, string>) => may(each, ADMINISTRATOR, 'GetObject', 'x', { context });
    expect(await ask({ 's3:TlsVersion': '1.2' })).toBe(true);
    expect(await ask({ 's3:TlsVersion': '1.1' })).toBe(false);
    expect(await ask({ 's3:TlsVersion': '1.2', 'aws:SecureTransport': 'false' })).toBe(false);
  });

  test('it is private, versioned, encrypted by S3, and outlives its stack with its policy', () => {
    const { Resources } = templateOf(`keyward-log-${region}`);
    const id = { archive: 'archive', log: 'log', 'failed-batches': 'failedbatches' }[bucket];
    const [[, found]] = resourcesOf({ Resources }, 'AWS::S3::Bucket').filter(([name]) => name.startsWith(id)) as [
      (typeof Resources)[string] extends infer Found ? [string, Found] : never,
    ];
    expect(found).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(found.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    // Only what could not be archived expires.
    expect(found.Properties['LifecycleConfiguration'] !== undefined).toBe(bucket === 'failed-batches');
    expect(found.Properties['ObjectLockConfiguration']).toEqual(
      bucket === 'archive'
        ? { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 400, Mode: 'GOVERNANCE' } } }
        : undefined,
    );
    for (const [, policy] of resourcesOf({ Resources }, 'AWS::S3::BucketPolicy')) {
      expect(policy).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });
});

test('who may read the archive and the logs: the publisher its own, the function audit those of every region', async () => {
  const roles = ['audit', 'publish-checkpoint', 'keys', 'decrypt', 'health'];
  for (const bucket of ['archive', 'log'] as const) {
    for (const name of roles) {
      const role = `keyward-${name}-${HOME}`;
      for (const region of REGIONS) {
        const own = { policies: policiesOfRole(role) };
        const reads = name === 'audit' || (name === 'publish-checkpoint' && region === HOME);
        const asked = [name, bucket, region];
        expect([...asked, await may({ bucket, region }, role, 'GetObject', PATHS[bucket][0], own)]).toEqual([
          ...asked,
          reads,
        ]);
        expect([...asked, await may({ bucket, region }, role, 'ListBucket', undefined, own)]).toEqual([
          ...asked,
          reads,
        ]);
      }
    }
  }
});

test('archive-events reads what says which events the log has, what was reconciled, and whether other logs are published', async () => {
  const role = `keyward-archive-events-${HOME}`;
  const own = { policies: policiesOfRole(role) };
  const reads = async (bucket: Bucket, region: string, path: string): Promise<boolean> =>
    may({ bucket, region }, role, 'GetObject', path, own);
  for (const region of REGIONS) {
    const isHere = region === HOME;
    for (const [bucket, path, expected] of [
      ['archive', 'reconciled/days/2026-11-27/02', isHere],
      ['failed-batches', 'aws/lambda/0/shardId-0/2026/11/27/x', isHere],
      ['log', 'index/2026/11/27/14/05/000000000001', isHere],
      ['log', 'checkpoint', true],
      ['archive', 'archive/2026-11-27T14/0f.gz', false],
      ['log', 'state', false],
      ['log', 'tile/0/000', false],
    ] as const) {
      expect([region, bucket, path, await reads(bucket, region, path)]).toEqual([region, bucket, path, expected]);
    }
    for (const bucket of BUCKETS) {
      const lists = await may({ bucket, region }, role, 'ListBucket', undefined, own);
      expect([region, bucket, lists]).toEqual([region, bucket, isHere]);
    }
  }
});
