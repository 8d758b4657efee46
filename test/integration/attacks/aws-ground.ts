import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BatchWriteItemCommand, DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { toAuditItem, type AuditItem } from '../../../lambdas/adapters/aws/dynamodb/audit-item';
import type { AuditRecord } from '../../../lambdas/core/audit/audit-record';
import { ENVIRONMENT } from '../../../lambdas/core/contract/environment';
import { composeAudit } from '../../../lambdas/core/runtime/compose-api';
import { composeArchiveEvents, composePublishCheckpoint } from '../../../lambdas/core/runtime/compose-log';
import { readConfiguration } from '../../../lambdas/core/runtime/configuration';
import type { Outside } from '../../../lambdas/core/runtime/lazy-runtime';
import { archiveEventsEvent } from '../../../lambdas/core/transparency/archive-events-event';
import { archivePath, parseArchivePath } from '../../../lambdas/core/transparency/archive-path';
import { AMPLE } from '../../ample-limits';
import { CountingMetrics, testRandomness } from '../../doubles/memory-ports';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';
import { startKms } from '../../doubles/start-kms';
import { startS3, type RunningS3 } from '../../doubles/start-s3';
import type { Ground, Stored } from '../../unit/transparency/attacked-log';
import { COSIGNER, LOG_KEY, shown, type Event } from '../../unit/transparency/audit-world';
import { REGION } from '../../unit/transparency/publisher-world';
import { streamRecord } from '../../unit/transparency/stream-record';
import { startDynamoDBOverTcp, TABLES } from '../bundles/bundled-deployment';
import { PROVIDERS, READ_AT, readAsAuditor } from './read-as-auditor';

/** The composition of AWS over stand-ins for S3, KMS and DynamoDB. */
export interface AwsGround extends Ground {
  readonly s3: RunningS3;
  /** Archives lines as a batch of the table's stream, which may be another one than before. @returns whether it was archived */
  archive(lines: readonly string[], now: number): Promise<boolean>;
  /** Puts events into the table. */
  insert(lines: readonly string[]): Promise<void>;
  /** The bucket of another account that has copies of the checkpoints. */
  readonly witness: () => ReadonlyMap<string, Buffer>;
  close(): Promise<void>;
}

const [ARCHIVE, LOG] = ['an-archive', 'a-log'];
/** The bucket of another account. */
export const WITNESS = 'somebody-elses-bucket';
const [LOG_KEY_ID, COSIGNER_KEY_ID] = ['log-key', 'cosigner-key'];
/** Requests of one BatchWriteItem at most. */
const BATCH = 25;
const VALUES = ['state', 'checkpoint'] as const;
const ZIPPED = '.gz';

/** A record whose nonce follows from its id where an attacker has none. */
const recordOf = (event: Event): AuditRecord =>
  ({
    nonce: createHash('sha256').update(String(event['id'])).digest('base64'),
    ...event,
  }) as unknown as AuditRecord;

/** The item at the place of an event, which an edited id leaves there. */
function itemOf(event: Event, before: Event | undefined): AuditItem {
  if (event['id'] !== null) return toAuditItem(recordOf(event), undefined);
  const { id: _, ...item } = toAuditItem(recordOf(before!), undefined);
  return item;
}

const keyOf = ({ bucket, event_key }: AuditItem): AuditItem => ({ bucket: bucket!, event_key: event_key! });

export async function awsGround(): Promise<AwsGround> {
  const inherited = { ...process.env };
  const [s3, kms, dynamodb] = await Promise.all([startS3(), startKms(), startDynamoDBOverTcp()]);
  kms.keys.set(LOG_KEY_ID, LOG_KEY).set(COSIGNER_KEY_ID, COSIGNER);
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example-not-a-secret',
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_KMS: kms.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    [ENVIRONMENT.region]: REGION,
    [ENVIRONMENT.regions]: REGION,
    [ENVIRONMENT.providers]: PROVIDERS.join(','),
    [ENVIRONMENT.keysetsTable]: TABLES.keysets,
    [ENVIRONMENT.credentialsTable]: TABLES.credentials,
    [ENVIRONMENT.auditTable]: TABLES.audit,
    [ENVIRONMENT.rotationsTable]: TABLES.rotations,
    [ENVIRONMENT.kekSecret]: 'keyward/kek',
    [ENVIRONMENT.service]: 'prod',
    [ENVIRONMENT.archiveBucket]: ARCHIVE,
    [ENVIRONMENT.logBucket]: LOG,
    [ENVIRONMENT.failedBatchesBucket]: 'failed-batches',
    [ENVIRONMENT.reconciliationQueueUrl]: 'https://sqs.us-east-1.amazonaws.com/123456789012/reconciliation',
    [ENVIRONMENT.logOwner]: '123456789012',
    [ENVIRONMENT.logKey]: LOG_KEY_ID,
    [ENVIRONMENT.logCosignerKey]: COSIGNER_KEY_ID,
    [ENVIRONMENT.witnessBucket]: WITNESS,
    [ENVIRONMENT.publishFunction]: 'publish',
  });
  const clock = { time: 0, now: () => clock.time, sleep: () => Promise.resolve() };
  const limits = { ...AMPLE, maxAttempts: 1 };
  const outside: Outside = {
    configuration: readConfiguration(process.env),
    patience: { calls: limits, proofs: limits },
    clock,
    logger: new RecordingLogger(),
    failures: new RecordingFailures(),
    metrics: new CountingMetrics(),
    randomness: testRandomness,
  };
  const archiver = composeArchiveEvents(outside);
  const publisher = composePublishCheckpoint(outside);
  // The log's buckets are read with a clock that is ahead: each read is an event of its own.
  const audit = composeAudit({ ...outside, clock: { ...clock, now: () => READ_AT } });
  const client = new DynamoDBClient({ region: REGION });
  const held = new Map<string, { readonly event: Event; readonly item: AuditItem }>();

  function bucket(name: string | undefined): Map<string, Buffer> {
    const objects = s3.buckets.get(name!) ?? new Map<string, Buffer>();
    s3.buckets.set(name!, objects);
    return objects;
  }
  const [archiveBucket, logBucket] = [() => bucket(`${ARCHIVE}-${REGION}`), () => bucket(`${LOG}-${REGION}`)];

  async function putAll(events: readonly (readonly [string, Event, AuditItem])[]): Promise<void> {
    for (let first = 0; first < events.length; first += BATCH) {
      const requests = events.slice(first, first + BATCH).map(([, , Item]) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLES.audit]: requests } }));
    }
    for (const [key, event, item] of events) held.set(key, { event, item });
  }

  async function insert(lines: readonly string[]): Promise<void> {
    const fresh = lines.map((line) => [shown(line), JSON.parse(line) as AuditRecord] as const);
    await putAll(
      fresh
        .filter(([{ id }]) => !held.has(String(id)))
        .map(([event, record]) => [String(event['id']), event, toAuditItem(record, undefined)] as const),
    );
  }

  async function archive(lines: readonly string[], now: number): Promise<boolean> {
    clock.time = now;
    const records = lines.map((line, at) =>
      streamRecord(at + 1, { NewImage: toAuditItem(JSON.parse(line) as AuditRecord, undefined) }),
    );
    const batch = archiveEventsEvent.parse({ Records: records }, archiver);
    const { batchItemFailures } = await archiveEventsEvent.serve(batch!, archiver);
    return batchItemFailures.length === 0;
  }

  return {
    name: 'AWS',
    s3,
    archive,
    witness: () => bucket(WITNESS),
    insert,
    async happen(lines, now) {
      await insert(lines);
      expect(await archive(lines, now)).toBe(true);
    },
    async publish(now) {
      clock.time = now;
      await publisher.publishLog();
    },
    async load() {
      const stored: Stored = {
        archive: new Map(),
        store: new Map(),
        values: { state: undefined, checkpoint: undefined },
        others: new Map(),
        table: new Map(Array.from(held, ([key, { event }]) => [key, event])),
      };
      for (const [key, bytes] of archiveBucket()) {
        const { hour, sha256 } = parseArchivePath(key.slice(0, -ZIPPED.length))!;
        const objects = stored.archive.get(hour) ?? new Map<string, Buffer>();
        stored.archive.set(hour, objects.set(sha256, gunzipSync(bytes)));
      }
      for (const [path, bytes] of logBucket()) {
        if (path === 'state' || path === 'checkpoint') stored.values[path] = { bytes, tag: path };
        else (/^(tile|index)\//.test(path) ? stored.store : stored.others).set(path, bytes);
      }
      return stored;
    },
    async put(stored) {
      const objects = archiveBucket();
      objects.clear();
      for (const [hour, each] of stored.archive)
        for (const [sha256, lines] of each) objects.set(archivePath({ hour, sha256 }) + ZIPPED, gzipSync(lines));
      const log = logBucket();
      log.clear();
      for (const [path, bytes] of [...stored.store, ...stored.others]) log.set(path, bytes);
      for (const name of VALUES) {
        const value = stored.values[name];
        if (value !== undefined) log.set(name, value.bytes);
      }
      const changed: [string, Event, AuditItem][] = [];
      for (const [key, event] of stored.table) {
        const there = held.get(key)?.event;
        if (JSON.stringify(there) !== JSON.stringify(event)) changed.push([key, event, itemOf(event, there)]);
      }
      for (const [key, { item }] of held) {
        if (stored.table.has(key)) continue;
        await client.send(new DeleteItemCommand({ TableName: TABLES.audit, Key: keyOf(item) }));
        held.delete(key);
      }
      for (const [key, event, Item] of changed) {
        await client.send(new PutItemCommand({ TableName: TABLES.audit, Item }));
        held.set(key, { event, item: Item });
      }
    },
    read(now) {
      clock.time = now;
      return readAsAuditor(audit, now);
    },
    async close() {
      client.destroy();
      process.env = inherited;
      await Promise.all([s3.close(), kms.close(), dynamodb.close()]);
    },
  };
}
