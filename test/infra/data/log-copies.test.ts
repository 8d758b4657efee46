import { RegionInfo } from 'aws-cdk-lib/region-info';
import { copyOf } from '../../../lib/copy-of';
import { readDeployment } from '../../../lib/deployment';
import { regionCode } from '../../../lib/region-code';
import { ResourceNames } from '../../../lib/resource-names';
import { bucketArn, bucketPolicy, policyOfBucket } from '../log-policies';
import { isAllowed, policiesOfRole, roleArn, type Policy, type Question } from '../simulated-iam';
import { synthesize } from '../synthesize';
import { ACCOUNT, HOME, REGIONS, resourcesOf, templateOf } from '../synthesized';

/** Written by hand: whose copy is where, and the end of its buckets' names. */
const COPIES = [
  { from: 'us-east-1', to: 'eu-west-1', end: 'use1-in-euw1' },
  { from: 'eu-west-1', to: 'us-east-1', end: 'euw1-in-use1' },
  { from: 'ap-south-1', to: 'us-east-1', end: 'aps1-in-use1' },
] as const;
const PATHS = { archive: 'archive/2026-11-27T14/0f.gz', log: 'tile/0/000' } as const;
const EVERYTHING: Policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const TLS = { 's3:TlsVersion': '1.3' };

const nameOf = (bucket: 'archive' | 'log', end: string): string => `keyward-${bucket}-copy-${ACCOUNT}-${end}`;
const execution = (region: string): string => `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${region}`;

const may = (role: string, action: string, resource: string, more: Partial<Question> = {}): Promise<boolean> =>
  isAllowed({
    principal: roleArn(role),
    policies: [EVERYTHING],
    action: `s3:${action}`,
    resource,
    context: TLS,
    ...more,
  });

const cases = COPIES.flatMap((copy) => (['archive', 'log'] as const).map((bucket) => ({ ...copy, bucket })));

describe.each(cases)('the copy of the $bucket of $from', ({ bucket, from, to, end }) => {
  const name = nameOf(bucket, end);
  const object = `arn:aws:s3:::${name}/${PATHS[bucket]}`;
  const replication = `keyward-copy-log-${from}`;
  const everybody = [
    ...['administrator', 'keyward-break-glass', 'keyward-audit-us-east-1', execution(to), execution(from)],
    ...REGIONS.flatMap((region) => [
      ...[`keyward-copy-log-${region}`, `keyward-copy-older-${region}`],
      ...[`keyward-archive-events-${region}`, `keyward-publish-checkpoint-${region}`],
    ]),
  ];
  const policy = () => ({ resourcePolicy: policyOfBucket(`keyward-log-copy-${from}`, name) });

  test('is filled by its replication alone, and only where such objects belong', async () => {
    for (const role of everybody) {
      const copies = await may(role, 'ReplicateObject', object, policy());
      expect([role, copies]).toEqual([role, role === replication]);
      expect([role, await may(role, 'PutObject', object, policy())]).toEqual([role, false]);
    }
    expect(await may(replication, 'ReplicateObject', `arn:aws:s3:::${name}/elsewhere`, policy())).toBe(false);
    const own = { ...policy(), policies: policiesOfRole(replication) };
    expect(await may(replication, 'ReplicateObject', object, own)).toBe(true);
  });

  test('nobody deletes from it, the replication included', async () => {
    for (const role of everybody) {
      for (const action of [
        ...['DeleteObject', 'DeleteObjectVersion', 'BypassGovernanceRetention', 'PutObjectRetention'],
        'ReplicateDelete',
      ]) {
        expect([role, action, await may(role, action, object, policy())]).toEqual([role, action, false]);
      }
      expect([role, await may(role, 'DeleteBucket', `arn:aws:s3:::${name}`, policy())]).toEqual([role, false]);
    }
  });

  test('deployments alone have S3 expire, replicate or unlock it, and it is asked by TLS 1.2 or later', async () => {
    for (const action of ['PutLifecycleConfiguration', 'PutBucketVersioning', 'PutReplicationConfiguration']) {
      for (const role of everybody) {
        const answer = await may(role, action, `arn:aws:s3:::${name}`, policy());
        expect([role, action, answer]).toEqual([role, action, role === execution(to)]);
      }
    }
    const ask = (version: string) =>
      may('administrator', 'GetObject', object, { ...policy(), context: { 's3:TlsVersion': version } });
    expect([await ask('1.2'), await ask('1.1')]).toEqual([true, false]);
  });

  test('S3 may read what it copies, with its retention, and nothing else', async () => {
    const own = { policies: policiesOfRole(replication), resourcePolicy: bucketPolicy(bucket, from) };
    const source = `${bucketArn(bucket, from)}/${PATHS[bucket]}`;
    for (const action of [
      ...['GetObjectVersionForReplication', 'GetObjectVersionAcl', 'GetObjectRetention', 'GetObjectLegalHold'],
    ]) {
      expect([action, await may(replication, action, source, own)]).toEqual([action, true]);
      const { policies } = own;
      const other = await may(replication, action, `${bucketArn('failed-batches', from)}/x`, { policies });
      expect([action, other]).toEqual([action, false]);
    }
    for (const action of ['GetReplicationConfiguration', 'ListBucket']) {
      expect([action, await may(replication, action, bucketArn(bucket, from), own)]).toEqual([action, true]);
    }
    for (const action of ['GetObject', 'PutObject', 'DeleteObject', 'ReplicateObject']) {
      expect([action, await may(replication, action, source, own)]).toEqual([action, false]);
    }
    for (const action of ['GetObject', 'PutObject', 'DeleteObject', 'ReplicateDelete', 'ReplicateTags']) {
      const { policies } = own;
      expect([action, await may(replication, action, object, { policies })]).toEqual([action, false]);
    }
  });

  test('a job copies older objects as the replication says, and can do nothing else', async () => {
    const job = `keyward-copy-older-${from}`;
    const own = { policies: policiesOfRole(job), resourcePolicy: bucketPolicy(bucket, from) };
    const source = `${bucketArn(bucket, from)}/${PATHS[bucket]}`;
    expect(await may(job, 'InitiateReplication', source, own)).toBe(true);
    for (const action of ['GetReplicationConfiguration', 'PutInventoryConfiguration']) {
      expect([action, await may(job, action, bucketArn(bucket, from), own)]).toEqual([action, true]);
    }
    for (const action of ['GetObject', 'PutObject', 'DeleteObject', 'ReplicateObject']) {
      expect([action, await may(job, action, source, own)]).toEqual([action, false]);
      const { policies } = own;
      expect([action, await may(job, action, object, { policies })]).toEqual([action, false]);
    }
  });

  test('it is private, versioned, encrypted by S3, locked as the archive is, and outlives its stack with its policy', () => {
    const template = templateOf(`keyward-log-copy-${from}`);
    const [, found] = resourcesOf(template, 'AWS::S3::Bucket').find(
      ([, { Properties }]) => Properties['BucketName'] === name,
    )!;
    expect(found).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(found.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    expect(found.Properties['PublicAccessBlockConfiguration']).toMatchObject({ BlockPublicPolicy: true });
    expect(found.Properties['LifecycleConfiguration']).toBeUndefined();
    expect(found.Properties['ReplicationConfiguration']).toBeUndefined();
    // S3 refuses to replicate from a bucket with Object Lock to one without.
    expect(found.Properties['ObjectLockConfiguration']).toEqual(
      bucket === 'archive'
        ? { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 400, Mode: 'GOVERNANCE' } } }
        : undefined,
    );
    for (const [, each] of resourcesOf(template, 'AWS::S3::BucketPolicy')) {
      expect(each).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });

  test('all objects are copied and no deletion, with the metrics that the alarms watch', () => {
    const template = templateOf(`keyward-log-${from}`);
    const [, source] = resourcesOf(template, 'AWS::S3::Bucket').find(
      ([, { Properties }]) => Properties['BucketName'] === `keyward-${bucket}-${ACCOUNT}-${from}`,
    )!;
    const [roleId] = resourcesOf(template, 'AWS::IAM::Role').find(
      ([, { Properties }]) => Properties['RoleName'] === replication,
    )!;
    expect(source.Properties['ReplicationConfiguration']).toEqual({
      Role: { 'Fn::GetAtt': [roleId, 'Arn'] },
      Rules: [
        {
          Id: 'copy',
          Status: 'Enabled',
          Priority: 1,
          Filter: { Prefix: '' },
          DeleteMarkerReplication: { Status: 'Disabled' },
          Destination: { Bucket: `arn:aws:s3:::${name}`, Metrics: { Status: 'Enabled' } },
        },
      ],
    });
  });
});

test('S3 alone takes the roles: its replication the one, its jobs the other', () => {
  for (const region of REGIONS) {
    const roles = resourcesOf(templateOf(`keyward-log-${region}`), 'AWS::IAM::Role').map(([, each]) => each.Properties);
    for (const [name, service] of [
      ['copy-log', 's3.amazonaws.com'],
      ['copy-older', 'batchoperations.s3.amazonaws.com'],
    ] as const) {
      const role = roles.find(({ RoleName }) => RoleName === `keyward-${name}-${region}`);
      expect(role?.['AssumeRolePolicyDocument']).toMatchObject({
        Statement: [{ Action: 'sts:AssumeRole', Principal: { Service: service } }],
      });
    }
  }
});

test('batches that could not be archived are not copied', () => {
  for (const region of REGIONS) {
    const copied = resourcesOf(templateOf(`keyward-log-${region}`), 'AWS::S3::Bucket').flatMap(([, { Properties }]) =>
      Properties['ReplicationConfiguration'] === undefined ? [] : [Properties['BucketName']],
    );
    expect(copied).toEqual(['archive', 'log'].map((bucket) => `keyward-${bucket}-${ACCOUNT}-${region}`));
  }
});

test('a deployment of one region has no copy: nothing is copied, and no alarm waits for it', () => {
  const { templates } = synthesize({ replica_regions: [] });
  expect([...templates.keys()].filter((stack) => stack.includes('log-copy'))).toEqual([]);
  const log = templates.get(`keyward-log-${HOME}`)!;
  for (const each of ['"ReplicationConfiguration"', 'copy-failed', 'copy-log', 'copy-older']) {
    expect([each, JSON.stringify(log).includes(each)]).toEqual([each, false]);
  }
});

test('a region that is added, or another than the first replica that goes, changes no other copy', () => {
  const copies = (replica_regions: readonly string[]) => {
    const deployment = readDeployment({ home_region: HOME, replica_regions }, ACCOUNT);
    return Object.fromEntries(deployment.regions.map((region) => [region, copyOf(deployment, region)?.to]));
  };
  expect(copies(['eu-west-1', 'ap-south-1'])).toEqual({
    [HOME]: 'eu-west-1',
    'eu-west-1': HOME,
    'ap-south-1': HOME,
  });
  expect(copies(['eu-west-1', 'ap-south-1', 'eu-central-1'])).toMatchObject(copies(['eu-west-1', 'ap-south-1']));
  expect(copies(['eu-west-1', 'ap-south-1'])).toMatchObject(copies(['eu-west-1']));
});

test('names of copies are as long as S3 allows, and no two are the same, whatever the stage and the regions', () => {
  const regions = RegionInfo.regions.filter(({ partition }) => partition === 'aws').map(({ name }) => name);
  expect(new Set(regions.map(regionCode)).size).toBe(regions.length);
  expect(['us-east-1', 'ap-southeast-2', 'eu-central-1', 'ap-northeast-3'].map(regionCode)).toEqual([
    ...['use1', 'apse2', 'euc1', 'apne3'],
  ]);
  const names = new ResourceNames({ stage: 'k'.repeat(20), account: ACCOUNT });
  for (const from of regions) {
    for (const to of regions) {
      for (const bucket of ['archive', 'log'] as const) {
        expect(names.copyBucket(bucket, { from, to })).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
      }
    }
  }
});
