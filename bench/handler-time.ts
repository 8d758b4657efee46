import { DEFAULT_PREVIOUS_VALUE_DAYS } from '../lambdas/core/contract/defaults';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createAuditLog } from '../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { toAuditItem } from '../lambdas/adapters/aws/dynamodb/audit-item';
import { createDynamoDBClient } from '../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBCredentialStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { ProcessMetrics } from '../lambdas/adapters/system/process-metrics';
import { systemClock } from '../lambdas/adapters/system/system-clock';
import { createSystemRandomness } from '../lambdas/adapters/system/system-randomness';
import { createHttpHandler, type HttpHandler } from '../lambdas/core/http/http-handler';
import type { AuditRecord } from '../lambdas/core/audit/audit-record';
import { newKeyset } from '../lambdas/core/keysets/dek-keyset';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../lambdas/core/crypto/kek-keyset';
import { createApplication } from '../lambdas/core/runtime/create-application';
import { DECRYPT_OPERATIONS } from '../lambdas/core/tokens/operations/decrypt-operations';
import { startEmbeddedDynamoDB } from '../local/database/embedded-dynamodb';
import { proxyEvent } from '../test/integration/bundles/bundled-deployment';
import { median } from './statistics';

const REGION = 'us-east-1';
const TABLES = { keysets: 'keysets', credentials: 'credentials', audit: 'audit', rotations: 'rotations' };
const PROVIDERS = ['openai'];
const PLAINTEXT = 'sk-example-not-a-real-key-'.padEnd(108, 'x');
const ROUNDS = 25;
const CALLS = 40;
const LIMITS = { requestTimeoutMs: 10_000, connectionTimeoutMs: 10_000, maxAttempts: 1 };

export interface HandlerTimes {
  /** Microseconds per call, the median of a round, by round. */
  readonly put: readonly number[];
  readonly get: readonly number[];
  readonly cached: readonly number[];
  readonly uncached: readonly number[];
}

/**
 * Measures the decrypt handler, from proxy event to reply, over the embedded DynamoDB, in turns with the bare SDK calls to the
 * same tables: the audit event's PutItem, and the keyset's GetItem. A function with a KEK and no keyset makes one of each.
 */
export async function measureHandlers(): Promise<HandlerTimes> {
  const dynamodb = await startEmbeddedDynamoDB({ tables: TABLES });
  const client = createDynamoDBClient({ ...dynamodb.connection, ...LIMITS, failures: { note: () => undefined } });
  try {
    const randomness = createSystemRandomness();
    const keks = parseKekSecret(serializeKekSecret(newKekSecretRecord(randomness, systemClock.now())));
    const keysets = new DynamoDBKeysetStore({ client, table: TABLES.keysets, region: REGION });
    const credentials = new DynamoDBCredentialStore({ client, table: TABLES.credentials });
    await keysets.create(newKeyset('openai', keks.primary, systemClock.now(), randomness));
    const log = createAuditLog({ client, table: TABLES.audit, providers: PROVIDERS, clock: systemClock });
    let auditEvent: AuditRecord | undefined;
    const audit = {
      ...log,
      append: (event: AuditRecord): Promise<void> => {
        auditEvent = event;
        return log.append(event);
      },
    };
    const coldRuntime = () => {
      const application = createApplication({
        region: REGION,
        providers: PROVIDERS,
        keysets: { local: keysets, home: keysets, others: [] },
        keysetsToShow: keysets,
        credentials: { local: credentials, home: credentials },
        previousValueDays: DEFAULT_PREVIOUS_VALUE_DAYS,
        auditSink: audit,
        auditReader: audit,
        secrets: { current: () => Promise.resolve(keks), refresh: () => Promise.resolve(keks) },
        clock: systemClock,
        randomness,
        metrics: new ProcessMetrics(),
      });
      const silent = () => undefined;
      const logger = { info: silent, warn: silent, error: silent };
      return { application, providers: PROVIDERS, clock: systemClock, logger };
    };
    const warm = coldRuntime();
    const caller = { user_id: 'bench', ip_address: null, user_agent: null, request_id: 'bench' };
    const sealed = await warm.application.encrypt(caller, { provider: 'openai', plaintext: PLAINTEXT, context: {} });
    const event = proxyEvent('POST', '/v1/providers/openai/decrypt', { ciphertext: sealed.ciphertext });
    const handlerOn = (runtime: typeof warm) => createHttpHandler(DECRYPT_OPERATIONS, () => Promise.resolve(runtime));
    const decrypt = async (handler: HttpHandler): Promise<void> => {
      const reply = await handler(event);
      if (reply.statusCode !== 200) throw new Error(`a reply of ${reply.statusCode}`);
    };
    const warmHandler = handlerOn(warm);
    // A process creates its application before its first request: that is part of loading.
    const coldHandlers: HttpHandler[] = [];
    const makeColdHandlers = (): void => {
      while (coldHandlers.length < CALLS) coldHandlers.push(handlerOn(coldRuntime()));
    };
    makeColdHandlers();
    await decrypt(warmHandler);
    const bareItem = toAuditItem(auditEvent as unknown as AuditRecord, undefined);
    let made = 0;
    const contenders = {
      put: () => {
        made += 1;
        return client.send(
          new PutItemCommand({
            TableName: TABLES.audit,
            Item: { ...bareItem, event_key: { S: `bare-${made}` } },
            ConditionExpression: 'attribute_not_exists(#bucket)',
            ExpressionAttributeNames: { '#bucket': 'bucket' },
          }),
        );
      },
      get: () =>
        client.send(
          new GetItemCommand({ TableName: TABLES.keysets, Key: { provider: { S: 'openai' } }, ConsistentRead: true }),
        ),
      cached: () => decrypt(warmHandler),
      uncached: () => decrypt(coldHandlers.pop() ?? warmHandler),
    };
    const names = Object.keys(contenders) as (keyof typeof contenders)[];
    const times = { put: [], get: [], cached: [], uncached: [] } as Record<keyof typeof contenders, number[]>;
    for (let round = -2; round < ROUNDS; round += 1) {
      makeColdHandlers();
      const samples = { put: [], get: [], cached: [], uncached: [] } as typeof times;
      for (let call = 0; call < CALLS; call += 1) {
        for (const name of names) {
          const startedAt = performance.now();
          await contenders[name]();
          samples[name].push((performance.now() - startedAt) * 1000);
        }
      }
      if (round >= 0) for (const name of names) times[name].push(median(samples[name]));
    }
    return times;
  } finally {
    client.destroy();
    await dynamodb.close();
  }
}
