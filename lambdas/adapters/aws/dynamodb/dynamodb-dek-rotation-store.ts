import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isDeepStrictEqual } from 'node:util';
import { isRecord, isTimestamp } from '../../../core/crypto/record-checks';
import type { DekRotationReport, ShardProgress, StoredReport } from '../../../core/dek-rotation/dek-rotation-report';
import type { DekRotationStore } from '../../../core/dek-rotation/ports/dek-rotation-store';
import type { WriteResult } from '../../../core/ports/write-result';
import { stillAtRevision, writeConditionally, type StoredVersion } from './conditional-write';
import {
  toDocumentClient,
  type DocumentClient,
  type PutInput,
  type QueryInput,
  type QueryPage,
} from './document-client';
import { NO_PROVIDER, dekRotationShardItem, dekRotationShardsScope } from './dynamodb-tables';
import { toProgress, toReport } from './dek-rotation-item';
import { orUnavailable } from './store-unavailable';
import { attributesOf, keyOf, NotJson, type StoredItem } from './stored-value';

const NOT_THERE_YET = 'attribute_not_exists(#scope)';
const REVISION_AS_READ = 'revision = :expected';
const NOT_CLOSED_SO_FAR = 'attribute_not_exists(closed_to) OR closed_to < :time';
const IN_SCOPE = '#scope = :scope';
const IN_SCOPE_BEFORE = '#scope = :scope AND #item < :before';

/** Both are reserved words of DynamoDB's expressions. */
const SCOPE = { '#scope': 'scope' };
const SCOPE_AND_ITEM = { ...SCOPE, '#item': 'item' };

interface Key {
  readonly scope: string;
  readonly item: string;
}

/** Key of the watermark, which belongs to no provider. */
const WATERMARK: Key = { scope: NO_PROVIDER, item: 'intents-closed-to' };

const reportKey = (provider: string, rotationId: string): Key => ({ scope: provider, item: rotationId });
const shardKey = (provider: string, rotationId: string, shard: number): Key => ({
  scope: dekRotationShardsScope(provider, rotationId),
  item: dekRotationShardItem(shard),
});

/** The home region's rotations. An item is the record and its key: every member is read as it was written. */
export class DynamoDBDekRotationStore implements DekRotationStore {
  private readonly documents: DocumentClient;
  private readonly table: string;

  constructor(config: { client: DynamoDBClient; table: string }) {
    this.table = config.table;
    this.documents = toDocumentClient(config.client);
  }

  async report(provider: string, rotationId: string): Promise<StoredReport | undefined> {
    const value = await this.read(reportKey(provider, rotationId));
    return value === undefined ? undefined : asReport(value, provider, rotationId);
  }

  async reports(provider: string, page: { before?: string; limit: number }): Promise<readonly StoredReport[]> {
    const { before, limit } = page;
    const values = await this.query(
      before === undefined
        ? { ...inScope(provider), ScanIndexForward: false }
        : {
            KeyConditionExpression: IN_SCOPE_BEFORE,
            ExpressionAttributeNames: SCOPE_AND_ITEM,
            ExpressionAttributeValues: { ':scope': provider, ':before': before },
            ScanIndexForward: false,
          },
      limit,
    );
    return values.map((value) => asReport(value, provider, keyOf(value, 'item')));
  }

  putReport(report: DekRotationReport, expectedRevision: number): Promise<WriteResult> {
    const { provider, rotation_id: id } = report;
    return this.put(
      reportKey(provider, id),
      report,
      expectedRevision,
      (value) => toReport(value, provider, id) !== undefined,
    );
  }

  async shard(provider: string, rotationId: string, shard: number): Promise<ShardProgress | undefined> {
    return toProgress(withoutKey(await this.read(shardKey(provider, rotationId, shard))), provider, rotationId, shard);
  }

  async shards(provider: string, rotationId: string): Promise<readonly ShardProgress[]> {
    const values = await this.query(inScope(dekRotationShardsScope(provider, rotationId)), Infinity);
    return values.flatMap((value) => toProgress(withoutKey(value), provider, rotationId) ?? []);
  }

  putShard(progress: ShardProgress, expectedRevision: number): Promise<WriteResult> {
    const { provider, rotation_id: id, shard } = progress;
    return this.put(
      shardKey(provider, id, shard),
      progress,
      expectedRevision,
      (value) => toProgress(value, provider, id, shard) !== undefined,
    );
  }

  async intentsClosedTo(): Promise<string | undefined> {
    const value = await this.read(WATERMARK);
    return isRecord(value) && isTimestamp(value['closed_to']) ? value['closed_to'] : undefined;
  }

  async noteIntentsClosedTo(time: string): Promise<void> {
    const item = { ...WATERMARK, closed_to: time };
    if (
      await this.putWhere(item, {
        ConditionExpression: NOT_CLOSED_SO_FAR,
        ExpressionAttributeValues: { ':time': time },
      })
    )
      return;
    // A failed condition, in a first attempt or a retry, means that this time, a later one or an invalid value is stored.
    const value = await this.read(WATERMARK);
    if (isRecord(value) && isTimestamp(value['closed_to'])) return;
    await this.putWhere(item, stillAsRead(attributesOf(value), ['closed_to']));
  }

  private async putWhere(Item: object, condition: Condition): Promise<boolean> {
    const written = this.documents.put({ TableName: this.table, Item, ...condition }).then(
      () => true,
      (thrown: unknown) => {
        if (thrown instanceof ConditionalCheckFailedException) return false;
        throw thrown;
      },
    );
    return orUnavailable(written);
  }

  private read(key: Key): Promise<unknown> {
    return orUnavailable(this.documents.get({ TableName: this.table, Key: key, ConsistentRead: true }));
  }

  private async query(
    input: Omit<QueryInput, 'TableName' | 'ConsistentRead' | 'Limit' | 'ExclusiveStartKey'>,
    limit: number,
  ): Promise<readonly unknown[]> {
    const values: unknown[] = [];
    let start: QueryPage['lastKey'];
    do {
      const page = this.documents.query({
        ...input,
        TableName: this.table,
        ConsistentRead: true,
        ...(Number.isFinite(limit) && { Limit: limit - values.length }),
        ...(start !== undefined && { ExclusiveStartKey: start }),
      });
      const { items, lastKey } = await orUnavailable(page);
      values.push(...items);
      start = lastKey;
    } while (start !== undefined && values.length < limit);
    return values;
  }

  /** An unreadable row counts as none: it is replaced on condition that it is still unreadable, and stops no rotation. */
  private async put(
    key: Key,
    record: DekRotationReport | ShardProgress,
    expectedRevision: number,
    isIntact: (value: unknown) => boolean,
  ): Promise<WriteResult> {
    const result = await this.write(
      key,
      record,
      expectedRevision === 0
        ? { ConditionExpression: NOT_THERE_YET, ExpressionAttributeNames: SCOPE }
        : { ConditionExpression: REVISION_AS_READ, ExpressionAttributeValues: { ':expected': expectedRevision } },
      stillAtRevision(expectedRevision),
    );
    if (result !== 'refused' || expectedRevision !== 0) return result;
    const found = await this.read(key);
    if (found === undefined || isIntact(withoutKey(found))) return result;
    const versionOf = (value: unknown): readonly unknown[] => VERSION.map((name) => attributesOf(value)[name]);
    return this.write(key, record, stillAsRead(attributesOf(found), VERSION), (now) =>
      isDeepStrictEqual(versionOf(now), versionOf(found)),
    );
  }

  private write(
    key: Key,
    record: DekRotationReport | ShardProgress,
    condition: Condition,
    isUnchanged: (stored: StoredVersion | undefined) => boolean,
  ): Promise<WriteResult> {
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged,
      send: () => this.documents.put({ TableName: this.table, Item: { ...record, ...key }, ...condition }),
      read: async () => (await this.read(key)) as StoredVersion | undefined,
    });
  }
}

type Condition = Pick<PutInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>;

/** The members of every record that identify its write. */
const VERSION = ['revision', 'write_id'];

/**
 * The condition that these attributes are still as they were read, whatever their types. For a list or a map, which Keyward never
 * writes there, the type is compared alone.
 */
function stillAsRead(attributes: StoredItem, names: readonly string[]): Condition {
  const found = names.map((name) => {
    const value = attributes[name];
    if (value === undefined) return { condition: `attribute_not_exists(${name})` };
    const [type] = Object.keys(value);
    return type === 'L' || type === 'M'
      ? { condition: `attribute_type(${name}, :${name})`, value: [`:${name}`, type] as const }
      : { condition: `${name} = :${name}`, value: [`:${name}`, new NotJson(value)] as const };
  });
  const values = found.flatMap(({ value }) => (value === undefined ? [] : [value]));
  return {
    ConditionExpression: found.map(({ condition }) => condition).join(' AND '),
    ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries<unknown>(values) }),
  };
}

const asReport = (value: unknown, provider: string, rotationId: string): StoredReport =>
  toReport(withoutKey(value), provider, rotationId) ?? { provider, rotation_id: rotationId, damaged: true };

const inScope = (scope: string) => ({
  KeyConditionExpression: IN_SCOPE,
  ExpressionAttributeNames: SCOPE,
  ExpressionAttributeValues: { ':scope': scope },
});

function withoutKey(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { scope: _scope, item: _item, ...record } = value;
  return record;
}
