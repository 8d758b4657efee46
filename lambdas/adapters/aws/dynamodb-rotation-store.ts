import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { RotationReport, ShardProgress } from '../../core/domain/rotation-report';
import type { RotationStore } from '../../core/ports/rotation-store';
import type { WriteResult } from '../../core/ports/write-result';
import { stillAtRevision, writeConditionally } from './conditional-write';
import { toDocumentClient } from './document-client';
import { NO_PROVIDER, rotationShardItem, rotationShardsScope } from './dynamodb-tables';
import { orUnavailable } from './store-unavailable';

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

/** Belongs to no provider. */
const WATERMARK: Key = { scope: NO_PROVIDER, item: 'intents-closed-to' };

const reportKey = (provider: string, rotationId: string): Key => ({ scope: provider, item: rotationId });
const shardKey = (provider: string, rotationId: string, shard: number): Key => ({
  scope: rotationShardsScope(provider, rotationId),
  item: rotationShardItem(shard),
});

/** The home region's rotations. A record is an item beside its key: every member comes back as it was written. */
export class DynamoDBRotationStore implements RotationStore {
  private readonly documents: DynamoDBDocumentClient;
  private readonly table: string;

  constructor(config: { client: DynamoDBClient; table: string }) {
    this.table = config.table;
    this.documents = toDocumentClient(config.client);
  }

  report(provider: string, rotationId: string): Promise<RotationReport | undefined> {
    return this.read<RotationReport>(reportKey(provider, rotationId));
  }

  reports(provider: string, page: { before?: string; limit: number }): Promise<readonly RotationReport[]> {
    const { before, limit } = page;
    return this.query<RotationReport>(
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
  }

  putReport(report: RotationReport, expectedRevision: number): Promise<WriteResult> {
    return this.put(reportKey(report.provider, report.rotation_id), report, expectedRevision);
  }

  shard(provider: string, rotationId: string, shard: number): Promise<ShardProgress | undefined> {
    return this.read<ShardProgress>(shardKey(provider, rotationId, shard));
  }

  shards(provider: string, rotationId: string): Promise<readonly ShardProgress[]> {
    return this.query<ShardProgress>(inScope(rotationShardsScope(provider, rotationId)), Infinity);
  }

  putShard(progress: ShardProgress, expectedRevision: number): Promise<WriteResult> {
    const { provider, rotation_id, shard } = progress;
    return this.put(shardKey(provider, rotation_id, shard), progress, expectedRevision);
  }

  async intentsClosedTo(): Promise<string | undefined> {
    return (await this.read<{ closed_to?: string }>(WATERMARK))?.closed_to;
  }

  async noteIntentsClosedTo(time: string): Promise<void> {
    const command = new PutCommand({
      TableName: this.table,
      Item: { ...WATERMARK, closed_to: time },
      ConditionExpression: NOT_CLOSED_SO_FAR,
      ExpressionAttributeValues: { ':time': time },
    });
    // A condition that fails, in a first attempt or a retry, says that this time or a later one is there.
    const written = this.documents.send(command).catch((thrown: unknown) => {
      if (!(thrown instanceof ConditionalCheckFailedException)) throw thrown;
    });
    await orUnavailable(written);
  }

  private async read<T>(key: Key): Promise<T | undefined> {
    const command = new GetCommand({ TableName: this.table, Key: key, ConsistentRead: true });
    const { Item } = await orUnavailable(this.documents.send(command));
    return Item === undefined ? undefined : (withoutKey(Item) as T);
  }

  private async query<T>(
    input: Omit<QueryCommandInput, 'TableName' | 'ConsistentRead' | 'Limit' | 'ExclusiveStartKey'>,
    limit: number,
  ): Promise<readonly T[]> {
    const records: T[] = [];
    let start: QueryCommandInput['ExclusiveStartKey'];
    do {
      const command = new QueryCommand({
        ...input,
        TableName: this.table,
        ConsistentRead: true,
        ...(Number.isFinite(limit) && { Limit: limit - records.length }),
        ...(start !== undefined && { ExclusiveStartKey: start }),
      });
      const { Items = [], LastEvaluatedKey } = await orUnavailable(this.documents.send(command));
      records.push(...Items.map((item) => withoutKey(item) as T));
      start = LastEvaluatedKey;
    } while (start !== undefined && records.length < limit);
    return records;
  }

  private put(key: Key, record: RotationReport | ShardProgress, expectedRevision: number): Promise<WriteResult> {
    const command = new PutCommand({
      TableName: this.table,
      Item: { ...record, ...key },
      ...(expectedRevision === 0
        ? { ConditionExpression: NOT_THERE_YET, ExpressionAttributeNames: SCOPE }
        : { ConditionExpression: REVISION_AS_READ, ExpressionAttributeValues: { ':expected': expectedRevision } }),
    });
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: stillAtRevision(expectedRevision),
      send: () => this.documents.send(command),
      read: () => this.read<RotationReport | ShardProgress>(key),
    });
  }
}

const inScope = (scope: string) => ({
  KeyConditionExpression: IN_SCOPE,
  ExpressionAttributeNames: SCOPE,
  ExpressionAttributeValues: { ':scope': scope },
});

function withoutKey({ scope: _scope, item: _item, ...record }: Record<string, unknown>): Record<string, unknown> {
  return record;
}
