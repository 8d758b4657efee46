import { REGIONS, resourcesOf, synthesized, templateOf, type Resource } from '../synthesized';

/**
 * What CloudFormation replaces, and so destroys or abandons, when it changes. None of these lines may ever be edited for a
 * deployment that holds data.
 */
const STATEFUL = {
  'keyward-data': {
    keysetsFEBFC3EC: 'AWS::DynamoDB::GlobalTable',
    credentialsE4920838: 'AWS::DynamoDB::GlobalTable',
    auditA48D740E: 'AWS::DynamoDB::GlobalTable',
    rotations4BF26D60: 'AWS::DynamoDB::GlobalTable',
    keksecret97F454D3: 'AWS::SecretsManager::Secret',
  },
  ...Object.fromEntries(
    REGIONS.map((region) => [
      `keyward-keys-${region}`,
      {
        secret4DA88516: 'AWS::KMS::Key',
        tables01A0BBDA: 'AWS::KMS::Key',
        logs0B6081B1: 'AWS::KMS::Key',
        messagesFB9A628B: 'AWS::KMS::Key',
      },
    ]),
  ),
  ...Object.fromEntries(
    REGIONS.map((region) => [
      `keyward-log-${region}`,
      {
        archiveA318A092: 'AWS::S3::Bucket',
        log751C81CB: 'AWS::S3::Bucket',
        failedbatches04E0B6B5: 'AWS::S3::Bucket',
        queriesresults32BD942E: 'AWS::S3::Bucket',
        signinglogC1DB416C: 'AWS::KMS::Key',
        signingcosignerA662CE32: 'AWS::KMS::Key',
      },
    ]),
  ),
  ...Object.fromEntries(
    REGIONS.map((region) => [
      `keyward-log-copy-${region}`,
      { archivecopy679E5E48: 'AWS::S3::Bucket', logcopyF4B109EE: 'AWS::S3::Bucket' },
    ]),
  ),
} as const satisfies Record<string, Record<string, string>>;

const STATEFUL_TYPES = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::SecretsManager::Secret',
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
];

test('the logical ids of everything that holds data', () => {
  const found: Record<string, Record<string, string>> = {};
  for (const [stack, template] of synthesized().templates) {
    const stateful = STATEFUL_TYPES.flatMap((type) => resourcesOf(template, type));
    if (stateful.length > 0) found[stack] = Object.fromEntries(stateful.map(([id, { Type }]) => [id, Type]));
  }
  expect(found).toEqual(STATEFUL);
});

test('all of it outlives its stack and its replacement', () => {
  for (const [stack, ids] of Object.entries(STATEFUL)) {
    for (const id of Object.keys(ids)) {
      const resource = templateOf(stack).Resources[id]!;
      expect([id, resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
    }
  }
});

const data = (id: string): Record<string, unknown> => templateOf('keyward-data').Resources[id]!.Properties;

/** Of AWS::DynamoDB::GlobalTable these are replaced: TableName and KeySchema; an attribute's type belongs to the key. */
test.each([
  ['keysetsFEBFC3EC', 'keyward-keysets', [['provider', 'HASH', 'S']]],
  [
    'credentialsE4920838',
    'keyward-credentials',
    [
      ['provider_shard', 'HASH', 'S'],
      ['name', 'RANGE', 'S'],
    ],
  ],
  [
    'auditA48D740E',
    'keyward-audit',
    [
      ['bucket', 'HASH', 'S'],
      ['event_key', 'RANGE', 'S'],
    ],
  ],
  [
    'rotations4BF26D60',
    'keyward-rotations',
    [
      ['scope', 'HASH', 'S'],
      ['item', 'RANGE', 'S'],
    ],
  ],
])('%s keeps its name and key', (id, name, key) => {
  const { TableName, KeySchema, AttributeDefinitions } = data(id);
  const types = new Map(
    (AttributeDefinitions as { AttributeName: string; AttributeType: string }[]).map((each) => [
      each.AttributeName,
      each.AttributeType,
    ]),
  );
  const schema = (KeySchema as { AttributeName: string; KeyType: string }[]).map((each) => [
    each.AttributeName,
    each.KeyType,
    types.get(each.AttributeName),
  ]);
  expect([TableName, schema]).toEqual([name, key]);
});

test('every replica of every table is protected, recoverable and encrypted by a key of its own region', () => {
  for (const [id, { Properties }] of resourcesOf(templateOf('keyward-data'), 'AWS::DynamoDB::GlobalTable')) {
    const replicas = Properties['Replicas'] as Record<string, unknown>[];
    expect([id, replicas.map((each) => each['Region']).toSorted()]).toEqual([id, REGIONS.toSorted()]);
    for (const replica of replicas) {
      expect(replica).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
        SSESpecification: {
          KMSMasterKeyId: `arn:aws:kms:${String(replica['Region'])}:111111111111:alias/keyward-tables`,
        },
      });
    }
    expect(Properties).toMatchObject({ BillingMode: 'PAY_PER_REQUEST', SSESpecification: { SSEType: 'KMS' } });
  }
});

test('the audit table has a stream and lets events expire, the credentials table its index', () => {
  expect(data('auditA48D740E')).toMatchObject({
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
  });
  expect(data('credentialsE4920838')['GlobalSecondaryIndexes']).toEqual([
    {
      IndexName: 'by-key-version',
      KeySchema: [
        { AttributeName: 'provider_shard', KeyType: 'HASH' },
        { AttributeName: 'key_version', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ]);
});

test('the secret keeps its name and its fixed placeholder, and nothing generates one', () => {
  const secret = data('keksecret97F454D3');
  expect(secret).toMatchObject({ Name: 'keyward/kek', SecretString: '{"schema":1}' });
  expect(secret['ReplicaRegions']).toEqual([
    { Region: 'eu-west-1', KmsKeyId: 'arn:aws:kms:eu-west-1:111111111111:alias/keyward-secret' },
    { Region: 'ap-south-1', KmsKeyId: 'arn:aws:kms:ap-south-1:111111111111:alias/keyward-secret' },
  ]);
  for (const template of synthesized().templates.values()) {
    expect(JSON.stringify(template)).not.toContain('GenerateSecretString');
  }
});

test('keys rotate, and have an alias for each purpose', () => {
  for (const region of REGIONS) {
    const template = templateOf(`keyward-keys-${region}`);
    const keys = resourcesOf(template, 'AWS::KMS::Key');
    expect(keys.map(([, key]: readonly [string, Resource]) => key.Properties['EnableKeyRotation'])).toEqual(
      keys.map(() => true),
    );
    const aliases = resourcesOf(template, 'AWS::KMS::Alias').map(([, { Properties }]) => Properties['AliasName']);
    expect(aliases.toSorted()).toEqual(
      ['logs', 'messages', 'secret', 'tables'].map((purpose) => `alias/keyward-${purpose}`),
    );
  }
});

test('buckets of the log keep their names, and signing keys their kind', () => {
  for (const region of REGIONS) {
    const template = templateOf(`keyward-log-${region}`);
    const buckets = resourcesOf(template, 'AWS::S3::Bucket').map(([, { Properties }]) => Properties['BucketName']);
    expect(buckets).toEqual(
      ['archive', 'log', 'failed-batches', 'query-results'].map(
        (purpose) => `keyward-${purpose}-111111111111-${region}`,
      ),
    );
    for (const [, { Properties }] of resourcesOf(template, 'AWS::KMS::Key')) {
      expect(Properties).toMatchObject({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
      expect(Properties['MultiRegion']).toBeUndefined();
    }
    const aliases = resourcesOf(template, 'AWS::KMS::Alias').map(([, { Properties }]) => Properties['AliasName']);
    expect(aliases).toEqual(['alias/keyward-signing-log', 'alias/keyward-signing-cosigner']);
  }
});
