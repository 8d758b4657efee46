import { DEFAULT_PREVIOUS_VALUE_DAYS } from '../lambdas/core/contract/defaults';
import { PUBLISH_MS, SETTLE_MS } from '../lambdas/core/contract/protocol-times';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { createAuditLog, createAuditSink } from '../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBCredentialScanner } from '../lambdas/adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { DynamoDBDekRotationStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { toItem } from '../lambdas/adapters/aws/dynamodb/stored-value';
import { credentialShard } from '../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { ProcessMetrics } from '../lambdas/adapters/system/process-metrics';
import { systemClock } from '../lambdas/adapters/system/system-clock';
import { createSystemRandomness } from '../lambdas/adapters/system/system-randomness';
import { credentialContext } from '../lambdas/core/credentials/credential';
import { newKeyset } from '../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../lambdas/core/keysets/keyset-record';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../lambdas/core/crypto/kek-keyset';
import { newId } from '../lambdas/core/crypto/randomness';
import { sealToken } from '../lambdas/core/crypto/token';
import { unwrapDek } from '../lambdas/core/crypto/wrapped-dek';
import type { DekRotationMessage } from '../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { createApplication } from '../lambdas/core/runtime/create-application';
import { createProveKeyset } from '../lambdas/core/dek-rotation/prove-keyset';
import { createDekRotations } from '../lambdas/core/dek-rotation/create-dek-rotations';
import { LOCAL_TABLES } from '../local/local-names';
import { startEmbeddedDynamoDB } from '../local/database/embedded-dynamodb';

const PROVIDER = 'openai';
const REGION = 'us-east-1';
const BATCH = 25;
const API_KEY = `sk-example-${'x'.repeat(97)}`;

/** Number of credentials that a rekey writes, reads and counts at a time. */
export interface RekeyManner {
  readonly concurrency: number;
  readonly page: number;
  readonly countLimit?: number;
}

/** Opens a deployment in one process: the real use cases and adapters over an embedded DynamoDB with many credentials. */
export async function openRekeyStore({ concurrency, page, countLimit }: RekeyManner) {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const database = await startEmbeddedDynamoDB({ directory: join(directory, 'dynamodb'), tables: LOCAL_TABLES });
  const client = createDynamoDBClient({
    ...database.connection,
    requestTimeoutMs: 60_000,
    connectionTimeoutMs: 5000,
    maxAttempts: 3,
    failures: { note: () => undefined },
  });
  const randomness = createSystemRandomness();
  // Runs ahead of the machine's clock, so that nothing waits for a rotation's pauses.
  const clock = { skipped: 0, now: () => Date.now() + clock.skipped, sleep: (ms: number) => systemClock.sleep(ms) };
  const keks = parseKekSecret(serializeKekSecret(newKekSecretRecord(randomness, Date.now())));
  const secrets = { current: () => Promise.resolve(keks), refresh: () => Promise.resolve(keks) };
  const keysets = new DynamoDBKeysetStore({ client, table: LOCAL_TABLES.keysets, region: REGION });
  const credentials = new DynamoDBCredentialStore({ client, table: LOCAL_TABLES.credentials });
  const scanner = new DynamoDBCredentialScanner({
    client,
    table: LOCAL_TABLES.credentials,
    ...(countLimit !== undefined && { countLimit }),
  });
  const store = new DynamoDBDekRotationStore({ client, table: LOCAL_TABLES.rotations });
  const metrics = new ProcessMetrics();
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const auditSink = createAuditSink({ client, table: LOCAL_TABLES.audit });
  const auditReader = createAuditLog({ client, table: LOCAL_TABLES.audit, providers: [PROVIDER], clock });
  const messages: DekRotationMessage[] = [];
  const previousValueDays = DEFAULT_PREVIOUS_VALUE_DAYS;
  const shared = {
    previousValueDays,
    region: REGION,
    providers: [PROVIDER],
    auditSink,
    secrets,
    clock,
    randomness,
    metrics,
  };
  const rotations = createDekRotations({
    ...shared,
    provers: [{ region: REGION, prove: createProveKeyset({ keysets, secrets }) }],
    keysets,
    credentials,
    scanner,
    store,
    queue: {
      send: (sent) => {
        messages.push(...sent);
        return Promise.resolve();
      },
    },
    intents: { find: () => Promise.resolve([]) },
    logger,
    rekeyConcurrency: concurrency,
    rekeyPage: page,
  });
  const application = createApplication({
    ...shared,
    keysets: { local: keysets, home: keysets, others: [] },
    keysetsToShow: keysets,
    credentials: { local: credentials, home: credentials },
    auditReader,
  });
  const keyset: KeysetRecord = newKeyset(PROVIDER, keks.primary, clock.now(), randomness);
  await keysets.create(keyset);
  const dek = unwrapDek(keks.primary, PROVIDER, 1, String(keyset.versions[1]?.encrypted_dek));

  /** Stores credentials in batches, as individual puts would leave them. */
  async function fill(count: number): Promise<void> {
    const now = new Date(clock.now()).toISOString();
    const item = (index: number) => {
      const name = `key-${index}`;
      const ciphertext = sealToken(dek, credentialContext(PROVIDER, name, {}), API_KEY, randomness);
      return {
        provider_shard: credentialShard(PROVIDER, name),
        provider: PROVIDER,
        name,
        revision: 1,
        write_id: newId(randomness),
        ciphertext,
        key_version: 1,
        hint: 'xxxx',
        metadata: '{}',
        created_at: now,
        updated_at: now,
      };
    };
    for (let start = 0; start < count; start += BATCH) {
      const items = Array.from({ length: Math.min(BATCH, count - start) }, (_, offset) => item(start + offset));
      const requests = items.map((each) => ({ PutRequest: { Item: toItem(each) } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [LOCAL_TABLES.credentials]: requests } }));
    }
  }

  const caller = { user_id: 'bench', ip_address: null, user_agent: null, request_id: 'bench' };

  /** Starts a rotation and promotes it. @returns the messages of its shards */
  async function promote(): Promise<Extract<DekRotationMessage, { kind: 'rekey' }>[]> {
    await rotations.rotate(caller, { provider: PROVIDER, emergency: false });
    clock.skipped += PUBLISH_MS;
    messages.length = 0;
    await rotations.advance(PROVIDER);
    clock.skipped += SETTLE_MS;
    const shards = messages.filter((message) => message.kind === 'rekey');
    if (shards.length === 0) throw new Error('the rotation was not promoted');
    return shards;
  }

  return {
    provider: PROVIDER,
    apiKey: API_KEY,
    caller,
    application,
    rotations,
    scanner,
    credentials,
    clock,
    randomness,
    fill,
    promote,
    close: async (): Promise<void> => {
      client.destroy();
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type RekeyStore = Awaited<ReturnType<typeof openRekeyStore>>;
