import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CredentialRecord, StoredCredential } from '../../core/domain/credential';
import type { CredentialPage, CredentialStore } from '../../core/ports/credential-store';
import type { WriteResult } from '../../core/ports/write-result';
import { stillAtRevision, writeConditionally } from './conditional-write';
import { fromCredentialItem, IS_LIVE, toCredentialItem, type CredentialItem } from './credential-item';
import { toDocumentClient } from './document-client';
import { credentialShard, credentialShards } from './dynamodb-tables';
import { mergeShards, type ReadShard } from './merge-shards';
import { orUnavailable } from './store-unavailable';

const NAME_NEVER_USED = 'attribute_not_exists(provider_shard)';
const REVISION_AS_READ = 'revision = :expected';
const WRITE_AS_READ = 'write_id = :expected';
const IN_SHARD = 'provider_shard = :shard';
const IN_SHARD_AFTER = 'provider_shard = :shard AND #name > :after';

/** A filter sees only what was read: with small pages, many tombstones would make it many reads. */
const SHARD_PAGE = 100;
/** What one listing may read: four rounds of all shards. */
const MAX_READS = 64;

/** One region's stored credentials, spread over 16 partition keys a provider. */
export class DynamoDBCredentialStore implements CredentialStore {
  private readonly documents: DynamoDBDocumentClient;
  private readonly table: string;

  constructor(config: { client: DynamoDBClient; table: string }) {
    this.table = config.table;
    this.documents = toDocumentClient(config.client);
  }

  async get(provider: string, name: string, consistent: boolean): Promise<StoredCredential | undefined> {
    const item = await this.read(provider, name, consistent);
    return item === undefined ? undefined : fromCredentialItem(item);
  }

  async list(provider: string, page: { after?: string; limit: number; consistent: boolean }): Promise<CredentialPage> {
    const shards = credentialShards(provider);
    const { items, readTo } = await mergeShards(
      shards.map((shard) => this.liveCredentials(shard, page.consistent, page.after)),
      { order: 'ascending', limit: page.limit, maxReads: MAX_READS },
    );
    return { credentials: items.map(({ value }) => value), ...(readTo !== undefined && { next: readTo }) };
  }

  put(record: StoredCredential, expectedRevision: number): Promise<WriteResult> {
    const command = new PutCommand({
      TableName: this.table,
      Item: toCredentialItem(record),
      ...(expectedRevision === 0
        ? { ConditionExpression: NAME_NEVER_USED }
        : {
            ConditionExpression: REVISION_AS_READ,
            ExpressionAttributeValues: { ':expected': expectedRevision },
          }),
    });
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: stillAtRevision(expectedRevision),
      send: () => this.documents.send(command),
      read: () => this.read(record.provider, record.name, true),
    });
  }

  rekey(record: CredentialRecord, expectedWriteId: string): Promise<WriteResult> {
    const command = new PutCommand({
      TableName: this.table,
      Item: toCredentialItem(record),
      ConditionExpression: WRITE_AS_READ,
      ExpressionAttributeValues: { ':expected': expectedWriteId },
    });
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: (stored) => stored?.write_id === expectedWriteId,
      send: () => this.documents.send(command),
      read: () => this.read(record.provider, record.name, true),
    });
  }

  async hasAny(provider: string): Promise<boolean> {
    const counts = credentialShards(provider).map(async (shard) => {
      const command = new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: IN_SHARD,
        ExpressionAttributeValues: { ':shard': shard },
        ConsistentRead: true,
        Select: 'COUNT',
        Limit: 1,
      });
      return (await orUnavailable(this.documents.send(command))).Count;
    });
    return (await Promise.all(counts)).some((count) => count !== 0);
  }

  private async read(provider: string, name: string, consistent: boolean): Promise<CredentialItem | undefined> {
    const command = new GetCommand({
      TableName: this.table,
      Key: { provider_shard: credentialShard(provider, name), name },
      ConsistentRead: consistent,
    });
    return (await orUnavailable(this.documents.send(command))).Item as CredentialItem | undefined;
  }

  private liveCredentials(shard: string, consistent: boolean, start: string | undefined): ReadShard<CredentialRecord> {
    return async (readTo) => {
      const after = readTo ?? start;
      const command = new QueryCommand({
        TableName: this.table,
        ...(after === undefined
          ? { KeyConditionExpression: IN_SHARD, ExpressionAttributeValues: { ':shard': shard } }
          : {
              KeyConditionExpression: IN_SHARD_AFTER,
              ExpressionAttributeNames: { '#name': 'name' },
              ExpressionAttributeValues: { ':shard': shard, ':after': after },
            }),
        FilterExpression: IS_LIVE,
        ConsistentRead: consistent,
        Limit: SHARD_PAGE,
      });
      const { Items = [], LastEvaluatedKey } = await orUnavailable(this.documents.send(command));
      // The filter leaves no tombstone.
      const records = (Items as CredentialItem[]).map((item) => fromCredentialItem(item) as CredentialRecord);
      return {
        items: records.map((record) => ({ key: record.name, value: record })),
        readTo: (LastEvaluatedKey as { name: string } | undefined)?.name,
      };
    };
  }
}
