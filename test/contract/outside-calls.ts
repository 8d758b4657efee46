import { randomBytes } from 'node:crypto';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ErrorCode } from '../../lambdas/core/contract/problems';
import { createAuditGroupCommit } from '../../lambdas/adapters/aws/dynamodb/audit-group-commit';
import { batchWriteAuditGroup } from './dynamodb/batch-write-audit-group';
import { createAuditLog } from '../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBCredentialScanner } from '../../lambdas/adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { insertAuditGroup } from '../../lambdas/adapters/aws/dynamodb/insert-audit-group';
import { createOpenIntents } from '../../lambdas/adapters/aws/dynamodb/dynamodb-open-intents';
import { DynamoDBDekRotationStore } from '../../lambdas/adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { createLambdaRegionProver } from '../../lambdas/adapters/aws/lambda/lambda-region-prover';
import { createKmsClient } from '../../lambdas/adapters/aws/kms/kms-client';
import { openKmsLogSigner } from '../../lambdas/adapters/aws/kms/kms-log-signer';
import { createS3Bucket, type S3Bucket } from '../../lambdas/adapters/aws/s3/s3-bucket';
import { createS3Client } from '../../lambdas/adapters/aws/s3/s3-client';
import { createSecretsManagerClient } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-client';
import { createKekRotation } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { createSqsRewrapQueue } from '../../lambdas/adapters/aws/sqs/sqs-rewrap-queue';
import { createSqsDekRotationQueue } from '../../lambdas/adapters/aws/sqs/sqs-dek-rotation-queue';
import type { CredentialRecord } from '../../lambdas/core/credentials/credential';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { DekRotationReport, ShardProgress } from '../../lambdas/core/dek-rotation/dek-rotation-report';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { FailureLog } from '../../lambdas/core/ports/failure-log';
import { CountingMetrics, testRandomness } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { auditEvent, recordOf } from './audit-events';

/** Is in every request, and must be in no log and no error. */
export const CANARY = 'sk-example-not-a-real-key-canary';

export const REGION = 'ap-south-1';

export interface CallOptions {
  readonly endpoint: string;
  readonly failures: FailureLog;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly maxAttempts: number;
  /** DynamoDB's and Secrets Manager's endpoints, if not the usual ones. */
  readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>;
}

/** One call that an adapter makes. */
export interface OutsideCallCase {
  readonly name: string;
  readonly service: 'DynamoDB' | 'Secrets Manager' | 'SQS' | 'Lambda' | 'S3' | 'KMS';
  readonly operation: string;
  readonly code: ErrorCode;
  readonly run: (options: CallOptions) => Promise<unknown>;
}

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' };
const limits = ({ requestTimeoutMs, maxAttempts, failures }: CallOptions) => ({
  region: REGION,
  requestTimeoutMs,
  connectionTimeoutMs: 60_000,
  maxAttempts,
  failures,
});

const writeId = (): string => randomBytes(16).toString('hex');
const from = '2026-11-21T09:00:00.000Z';
const to = '2026-11-21T09:30:00.000Z';
/** Adapters do not read the contents of what they store. */
const keyset = (): KeysetRecord =>
  ({ provider: 'openai', revision: 1, write_id: writeId(), mac: CANARY }) as KeysetRecord;
const credential = (): CredentialRecord =>
  ({
    provider: 'openai',
    name: 'a',
    revision: 1,
    key_version: 1,
    write_id: writeId(),
    ciphertext: CANARY,
    metadata: {},
  }) as unknown as CredentialRecord;
const report = (): DekRotationReport =>
  ({ provider: 'openai', rotation_id: 'r', revision: 1, write_id: writeId(), reason: CANARY }) as DekRotationReport;
const shard = (): ShardProgress =>
  ({
    provider: 'openai',
    rotation_id: 'r',
    shard: 0,
    revision: 1,
    write_id: writeId(),
    after: CANARY,
  }) as ShardProgress;

type Make<T> = (options: CallOptions) => T;

const dynamodb: Make<{ client: ReturnType<typeof createDynamoDBClient>; table: string; region: string }> = (
  options,
) => ({
  client: createDynamoDBClient({
    ...limits(options),
    endpoint: options.endpoint,
    credentials: options.credentials ?? CREDENTIALS,
  }),
  table: CANARY,
  region: REGION,
});
const bucket: Make<S3Bucket> = (options) =>
  createS3Bucket({
    client: createS3Client({ ...limits(options), endpoint: options.endpoint, credentials: CREDENTIALS }),
    bucket: CANARY,
    clock: options.clock,
  });
const secretsManager: Make<SecretsManagerClient> = (options) =>
  createSecretsManagerClient({
    ...limits(options),
    endpoint: options.endpoint,
    credentials: options.credentials ?? CREDENTIALS,
  });
const kekStore: Make<SecretsManagerKekStore> = (options) =>
  new SecretsManagerKekStore({ client: secretsManager(options), secretId: CANARY, region: REGION });
const auditLog = (options: CallOptions) =>
  createAuditLog({ ...dynamodb(options), providers: ['openai'], clock: options.clock });

/** Two events at once; the failure of the first is reported. */
const appendTwo =
  (write: typeof insertAuditGroup) =>
  async (options: CallOptions): Promise<unknown> => {
    const sink = createAuditGroupCommit({
      write: write(dynamodb(options)),
      clock: options.clock,
      randomness: testRandomness,
    });
    const appended = [CANARY, CANARY].map((user_agent) => sink.append(recordOf(auditEvent({ user_agent }))));
    const [first, second] = await Promise.allSettled(appended);
    if (second?.status === 'rejected') await appended[0];
    return first;
  };

const atTable = (
  name: string,
  operation: string,
  run: (options: CallOptions) => Promise<unknown>,
  code: ErrorCode = 'store_unavailable',
): OutsideCallCase => ({ name, service: 'DynamoDB', operation, code, run });
const atSecret = (
  name: string,
  operation: string,
  run: (options: CallOptions) => Promise<unknown>,
  code: ErrorCode = 'store_unavailable',
): OutsideCallCase => ({ name, service: 'Secrets Manager', operation, code, run });
const atBucket = (name: string, operation: string, run: (of: S3Bucket) => Promise<unknown>): OutsideCallCase => ({
  name,
  service: 'S3',
  operation,
  code: 'store_unavailable',
  run: (deps) => run(bucket(deps)),
});

/** Every call that Keyward makes to a service of AWS, through its own adapter. */
export const OUTSIDE_CALLS: readonly OutsideCallCase[] = [
  atTable('keyset: get', 'GetItem', (deps) => new DynamoDBKeysetStore(dynamodb(deps)).get('openai')),
  atTable('keyset: create', 'PutItem', (deps) => new DynamoDBKeysetStore(dynamodb(deps)).create(keyset())),
  atTable('keyset: replace', 'PutItem', (deps) => new DynamoDBKeysetStore(dynamodb(deps)).replace(keyset(), 1)),
  atTable('keyset: all', 'Scan', (deps) => new DynamoDBKeysetStore(dynamodb(deps)).all()),
  atTable('credential: get', 'GetItem', (deps) =>
    new DynamoDBCredentialStore(dynamodb(deps)).get('openai', CANARY, true),
  ),
  atTable('credential: list', 'Query', (deps) =>
    new DynamoDBCredentialStore(dynamodb(deps)).list('openai', { after: CANARY, limit: 5, consistent: false }),
  ),
  atTable('credential: list deleted', 'Query', (deps) =>
    new DynamoDBCredentialStore(dynamodb(deps)).listDeleted('openai', { after: CANARY, limit: 5, consistent: false }),
  ),
  atTable('credential: put', 'PutItem', (deps) =>
    new DynamoDBCredentialStore(dynamodb(deps)).put(credential(), undefined),
  ),
  atTable('credential: put over another', 'PutItem', (deps) =>
    new DynamoDBCredentialStore(dynamodb(deps)).put(credential(), { write_id: CANARY }),
  ),
  atTable('credential: hasAny', 'Query', (deps) => new DynamoDBCredentialStore(dynamodb(deps)).hasAny('openai')),
  atTable('scanner: page', 'Query', (deps) =>
    new DynamoDBCredentialScanner(dynamodb(deps)).page('openai', 0, { limit: 5 }),
  ),
  atTable('scanner: count', 'Query', (deps) =>
    new DynamoDBCredentialScanner(dynamodb(deps)).countByVersion('openai', 0),
  ),
  atTable('scanner: index', 'Query', (deps) =>
    new DynamoDBCredentialScanner(dynamodb(deps)).shardsWith('openai', 1, 2),
  ),
  atTable('rotation: report', 'GetItem', (deps) =>
    new DynamoDBDekRotationStore(dynamodb(deps)).report('openai', CANARY),
  ),
  atTable('rotation: reports', 'Query', (deps) =>
    new DynamoDBDekRotationStore(dynamodb(deps)).reports('openai', { limit: 5 }),
  ),
  atTable('rotation: put', 'PutItem', (deps) => new DynamoDBDekRotationStore(dynamodb(deps)).putReport(report(), 0)),
  atTable('rotation: shard', 'GetItem', (deps) =>
    new DynamoDBDekRotationStore(dynamodb(deps)).shard('openai', CANARY, 0),
  ),
  atTable('rotation: shards', 'Query', (deps) => new DynamoDBDekRotationStore(dynamodb(deps)).shards('openai', CANARY)),
  atTable('rotation: put shard', 'PutItem', (deps) =>
    new DynamoDBDekRotationStore(dynamodb(deps)).putShard(shard(), 1),
  ),
  atTable('rotation: watermark', 'GetItem', (deps) => new DynamoDBDekRotationStore(dynamodb(deps)).intentsClosedTo()),
  atTable('rotation: note', 'PutItem', (deps) =>
    new DynamoDBDekRotationStore(dynamodb(deps)).noteIntentsClosedTo(CANARY),
  ),
  atTable(
    'audit: append',
    'PutItem',
    (deps) => auditLog(deps).append(recordOf(auditEvent({ user_agent: CANARY }))),
    'audit_unavailable',
  ),
  atTable('audit: group commit', 'BatchWriteItem', appendTwo(batchWriteAuditGroup), 'audit_unavailable'),
  atTable('audit: group of inserts', 'BatchExecuteStatement', appendTwo(insertAuditGroup), 'audit_unavailable'),
  atTable('audit: query', 'Query', (deps) =>
    auditLog(deps).query({ from, to, user_id: CANARY, provider: 'openai', limit: 5 }),
  ),
  atTable('audit: get', 'Query', (deps) => auditLog(deps).get({ timestamp: from, id: 'a'.repeat(32) })),
  atTable('audit: wasUsed', 'GetItem', (deps) => auditLog(deps).wasUsed('openai')),
  atTable('audit: markUsed', 'PutItem', (deps) => auditLog(deps).markUsed('openai')),
  atTable('intents: find', 'Query', (deps) =>
    createOpenIntents({ ...dynamodb(deps), clock: deps.clock }).find('openai', from, to),
  ),
  atSecret('KEK secret: versions', 'DescribeSecret', (deps) => kekStore(deps).versions()),
  atSecret('KEK secret: current', 'GetSecretValue', (deps) => kekStore(deps).current()),
  atSecret('KEK secret: put', 'PutSecretValue', (deps) => kekStore(deps).putPending('a'.repeat(32), CANARY)),
  atSecret('KEK secret: move', 'UpdateSecretVersionStage', (deps) =>
    kekStore(deps).moveCurrent('a'.repeat(32), 'b'.repeat(32)),
  ),
  atSecret('KEK secret: remove', 'UpdateSecretVersionStage', (deps) => kekStore(deps).removePending('a'.repeat(32))),
  atSecret('KEK rotation: start', 'RotateSecret', (deps) =>
    createKekRotation({ client: secretsManager(deps), secretId: CANARY }).start(),
  ),
  atSecret(
    'KEK provider',
    'GetSecretValue',
    (deps) =>
      new SecretsManagerSecretsProvider({
        secretId: CANARY,
        regions: [{ region: REGION, client: secretsManager(deps) }],
        clock: deps.clock,
        metrics: new CountingMetrics(),
        logger: new RecordingLogger(),
        regionTimeoutMs: 60_000,
      }).current(),
    'keys_unavailable',
  ),
  atBucket('bucket: read', 'GetObject', (of) => of.read(CANARY)),
  atBucket('bucket: put', 'PutObject', (of) => of.put(CANARY, Buffer.from(CANARY))),
  atBucket('bucket: put if absent', 'PutObject', (of) => of.putIfSettled(CANARY, Buffer.from(CANARY), 'absent')),
  atBucket('bucket: list', 'ListObjectsV2', (of) => of.keys(CANARY)),
  {
    name: 'log signer: open',
    service: 'KMS',
    operation: 'GetPublicKey',
    code: 'store_unavailable',
    run: (deps) =>
      openKmsLogSigner({
        client: createKmsClient({ ...limits(deps), endpoint: deps.endpoint, credentials: CREDENTIALS }),
        keyId: CANARY,
        name: 'log.example',
        type: 'ed25519',
      }),
  },
  {
    name: 'rewrap queue: send',
    service: 'SQS',
    operation: 'SendMessage',
    code: 'store_unavailable',
    run: (deps) =>
      createSqsRewrapQueue({ ...limits(deps), queueUrl: `${deps.endpoint}/${CANARY}` }).send({
        secret_version_id: CANARY,
        kek_id: 'k',
      }),
  },
  {
    name: 'rotation queue: send',
    service: 'SQS',
    operation: 'SendMessageBatch',
    code: 'store_unavailable',
    run: (deps) =>
      createSqsDekRotationQueue({ ...limits(deps), queueUrl: `${deps.endpoint}/${CANARY}` }).send(
        [{ kind: 'advance', provider: CANARY }],
        0,
      ),
  },
  {
    name: 'region prover',
    service: 'Lambda',
    operation: 'Invoke',
    code: 'store_unavailable',
    run: (deps) =>
      createLambdaRegionProver({ ...limits(deps), functionName: 'prove-keyset' }).prove({
        provider: CANARY,
        version: 1,
        revision: 1,
        kek_id: 'k',
        nonce: 'n',
      }),
  },
];
