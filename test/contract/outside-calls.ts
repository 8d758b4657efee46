import { randomBytes } from 'node:crypto';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ErrorCode } from '../../lambdas/core/contract/problems';
import { createAuditGroupCommit } from '../../lambdas/adapters/aws/dynamodb/audit-group-commit';
import { createAuditLog } from '../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBCredentialScanner } from '../../lambdas/adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { createOpenIntents } from '../../lambdas/adapters/aws/dynamodb/dynamodb-open-intents';
import { DynamoDBRotationStore } from '../../lambdas/adapters/aws/dynamodb/dynamodb-rotation-store';
import { createLambdaRegionProver } from '../../lambdas/adapters/aws/lambda/lambda-region-prover';
import { createSecretsManagerClient } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-client';
import { createKekRotation } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { createSqsRewrapQueue } from '../../lambdas/adapters/aws/sqs/sqs-rewrap-queue';
import { createSqsRotationQueue } from '../../lambdas/adapters/aws/sqs/sqs-rotation-queue';
import type { CredentialRecord } from '../../lambdas/core/credentials/credential';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { RotationReport, ShardProgress } from '../../lambdas/core/dek-rotation/rotation-report';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { FailureLog } from '../../lambdas/core/ports/failure-log';
import { CountingMetrics, testRandomness } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { auditEvent } from './audit-events';

/** Stands in every request, and must stand in no log and no error. */
export const CANARY = 'sk-example-not-a-real-key-canary';

export const REGION = 'ap-south-1';

export interface CallOptions {
  readonly endpoint: string;
  readonly failures: FailureLog;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly maxAttempts: number;
  /** Of DynamoDB and Secrets Manager, where not the usual ones. */
  readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>;
}

/** One call that an adapter makes. */
export interface OutsideCallCase {
  readonly name: string;
  readonly service: 'DynamoDB' | 'Secrets Manager' | 'SQS' | 'Lambda';
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
/** Adapters do not look into what they store. */
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
const report = (): RotationReport =>
  ({ provider: 'openai', rotation_id: 'r', revision: 1, write_id: writeId(), reason: CANARY }) as RotationReport;
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

/** Every call that Keyward makes to a service of AWS, through its own adapter. */
export const OUTSIDE_CALLS: readonly OutsideCallCase[] = [
  atTable('keyset: get', 'GetItem', (on) => new DynamoDBKeysetStore(dynamodb(on)).get('openai')),
  atTable('keyset: create', 'PutItem', (on) => new DynamoDBKeysetStore(dynamodb(on)).create(keyset())),
  atTable('keyset: replace', 'PutItem', (on) => new DynamoDBKeysetStore(dynamodb(on)).replace(keyset(), 1)),
  atTable('keyset: all', 'Scan', (on) => new DynamoDBKeysetStore(dynamodb(on)).all()),
  atTable('credential: get', 'GetItem', (on) => new DynamoDBCredentialStore(dynamodb(on)).get('openai', CANARY, true)),
  atTable('credential: list', 'Query', (on) =>
    new DynamoDBCredentialStore(dynamodb(on)).list('openai', { after: CANARY, limit: 5, consistent: false }),
  ),
  atTable('credential: list deleted', 'Query', (on) =>
    new DynamoDBCredentialStore(dynamodb(on)).listDeleted('openai', { after: CANARY, limit: 5, consistent: false }),
  ),
  atTable('credential: put', 'PutItem', (on) => new DynamoDBCredentialStore(dynamodb(on)).put(credential(), undefined)),
  atTable('credential: put over another', 'PutItem', (on) =>
    new DynamoDBCredentialStore(dynamodb(on)).put(credential(), { write_id: CANARY }),
  ),
  atTable('credential: hasAny', 'Query', (on) => new DynamoDBCredentialStore(dynamodb(on)).hasAny('openai')),
  atTable('scanner: page', 'Query', (on) =>
    new DynamoDBCredentialScanner(dynamodb(on)).page('openai', 0, { limit: 5 }),
  ),
  atTable('scanner: count', 'Query', (on) => new DynamoDBCredentialScanner(dynamodb(on)).countByVersion('openai', 0)),
  atTable('scanner: index', 'Query', (on) => new DynamoDBCredentialScanner(dynamodb(on)).shardsWith('openai', 1, 2)),
  atTable('rotation: report', 'GetItem', (on) => new DynamoDBRotationStore(dynamodb(on)).report('openai', CANARY)),
  atTable('rotation: reports', 'Query', (on) =>
    new DynamoDBRotationStore(dynamodb(on)).reports('openai', { limit: 5 }),
  ),
  atTable('rotation: put', 'PutItem', (on) => new DynamoDBRotationStore(dynamodb(on)).putReport(report(), 0)),
  atTable('rotation: shard', 'GetItem', (on) => new DynamoDBRotationStore(dynamodb(on)).shard('openai', CANARY, 0)),
  atTable('rotation: shards', 'Query', (on) => new DynamoDBRotationStore(dynamodb(on)).shards('openai', CANARY)),
  atTable('rotation: put shard', 'PutItem', (on) => new DynamoDBRotationStore(dynamodb(on)).putShard(shard(), 1)),
  atTable('rotation: watermark', 'GetItem', (on) => new DynamoDBRotationStore(dynamodb(on)).intentsClosedTo()),
  atTable('rotation: note', 'PutItem', (on) => new DynamoDBRotationStore(dynamodb(on)).noteIntentsClosedTo(CANARY)),
  atTable(
    'audit: append',
    'PutItem',
    (on) => auditLog(on).append(auditEvent({ user_agent: CANARY })),
    'audit_unavailable',
  ),
  atTable(
    'audit: group commit',
    'BatchWriteItem',
    async (on) => {
      const sink = createAuditGroupCommit({ ...dynamodb(on), clock: on.clock, randomness: testRandomness });
      const appended = [CANARY, CANARY].map((user_agent) => sink.append(auditEvent({ user_agent })));
      const [first, second] = await Promise.allSettled(appended);
      if (second?.status === 'rejected') await appended[0];
      return first;
    },
    'audit_unavailable',
  ),
  atTable('audit: query', 'Query', (on) =>
    auditLog(on).query({ from, to, user_id: CANARY, provider: 'openai', limit: 5 }),
  ),
  atTable('audit: wasUsed', 'GetItem', (on) => auditLog(on).wasUsed('openai')),
  atTable('audit: markUsed', 'PutItem', (on) => auditLog(on).markUsed('openai')),
  atTable('intents: find', 'Query', (on) =>
    createOpenIntents({ ...dynamodb(on), clock: on.clock }).find('openai', from, to),
  ),
  atSecret('KEK secret: versions', 'DescribeSecret', (on) => kekStore(on).versions()),
  atSecret('KEK secret: current', 'GetSecretValue', (on) => kekStore(on).current()),
  atSecret('KEK secret: put', 'PutSecretValue', (on) => kekStore(on).putPending('a'.repeat(32), CANARY)),
  atSecret('KEK secret: move', 'UpdateSecretVersionStage', (on) =>
    kekStore(on).moveCurrent('a'.repeat(32), 'b'.repeat(32)),
  ),
  atSecret('KEK secret: remove', 'UpdateSecretVersionStage', (on) => kekStore(on).removePending('a'.repeat(32))),
  atSecret('KEK rotation: start', 'RotateSecret', (on) =>
    createKekRotation({ client: secretsManager(on), secretId: CANARY }).start(),
  ),
  atSecret(
    'KEK provider',
    'GetSecretValue',
    (on) =>
      new SecretsManagerSecretsProvider({
        secretId: CANARY,
        regions: [{ region: REGION, client: secretsManager(on) }],
        clock: on.clock,
        metrics: new CountingMetrics(),
        logger: new RecordingLogger(),
        regionTimeoutMs: 60_000,
      }).current(),
    'keys_unavailable',
  ),
  {
    name: 'rewrap queue: send',
    service: 'SQS',
    operation: 'SendMessage',
    code: 'store_unavailable',
    run: (on) =>
      createSqsRewrapQueue({ ...limits(on), queueUrl: `${on.endpoint}/${CANARY}` }).send({
        secret_version_id: CANARY,
        kek_id: 'k',
      }),
  },
  {
    name: 'rotation queue: send',
    service: 'SQS',
    operation: 'SendMessageBatch',
    code: 'store_unavailable',
    run: (on) =>
      createSqsRotationQueue({ ...limits(on), queueUrl: `${on.endpoint}/${CANARY}` }).send(
        [{ kind: 'advance', provider: CANARY }],
        0,
      ),
  },
  {
    name: 'region prover',
    service: 'Lambda',
    operation: 'Invoke',
    code: 'store_unavailable',
    run: (on) =>
      createLambdaRegionProver({ ...limits(on), functionName: 'prove-keyset' }).prove({
        provider: CANARY,
        version: 1,
        revision: 1,
        kek_id: 'k',
        nonce: 'n',
      }),
  },
];
