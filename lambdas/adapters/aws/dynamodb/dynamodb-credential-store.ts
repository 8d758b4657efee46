import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CredentialRecord, DamagedCredential, StoredCredential } from '../../../core/credentials/credential';
import type { CredentialPage, CredentialStore } from '../../../core/credentials/ports/credential-store';
import type { WriteResult } from '../../../core/ports/write-result';
import { stillAtRevision, writeConditionally, type StoredVersion } from './conditional-write';
import { fromCredentialItem, IS_LIVE, isDamaged, toCredentialItem } from './credential-item';
import { toDocumentClient, type DocumentClient } from './document-client';
import { credentialShard, credentialShards } from './dynamodb-tables';
import { inShard } from './in-shard';
import { mergeShards, type ReadShard } from './merge-shards';
import { orUnavailable } from './store-unavailable';
import { keyOf } from './stored-value';

const NAME_NEVER_USED = 'attribute_not_exists(provider_shard)';
const REVISION_AS_READ = 'revision = :expected';
const WRITE_AS_READ = 'write_id = :expected';

/** A filter sees only what was read: with small pages, many tombstones would make it many reads. */
const SHARD_PAGE = 100;
/** What one listing may read: four rounds of all shards. */
const MAX_READS = 64;

/** One region's stored credentials, spread over 16 partition keys a provider. */
export class DynamoDBCredentialStore implements CredentialStore {
  private readonly documents: DocumentClient;
  private readonly table: string;

  constructor(config: { client: DynamoDBClient; table: string }) {
    this.table = config.table;
    this.documents = toDocumentClient(config.client);
  }

  async get(
    provider: string,
    name: string,
    consistent: boolean,
  ): Promise<StoredCredential | DamagedCredential | undefined> {
    const item = await this.read(provider, name, consistent);
    return item === undefined ? undefined : fromCredentialItem(provider, name, item);
  }

  async list(provider: string, page: { after?: string; limit: number; consistent: boolean }): Promise<CredentialPage> {
    const shards = credentialShards(provider);
    const { items, readTo } = await mergeShards(
      shards.map((shard) => this.liveCredentials(provider, shard, page.consistent, page.after)),
      { order: 'ascending', limit: page.limit, maxReads: MAX_READS },
    );
    const damaged = items.flatMap(({ value }) => (isDamaged(value) ? [value.name] : []));
    return {
      credentials: items.flatMap(({ value }) => (isDamaged(value) ? [] : [value])),
      ...(damaged.length > 0 && { damaged }),
      ...(readTo !== undefined && { next: readTo }),
    };
  }

  put(record: StoredCredential, expectedRevision: number): Promise<WriteResult> {
    const input = {
      TableName: this.table,
      Item: toCredentialItem(record),
      ...(expectedRevision === 0
        ? { ConditionExpression: NAME_NEVER_USED }
        : {
            ConditionExpression: REVISION_AS_READ,
            ExpressionAttributeValues: { ':expected': expectedRevision },
          }),
    };
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: stillAtRevision(expectedRevision),
      send: () => this.documents.put(input),
      read: async () => (await this.read(record.provider, record.name, true)) as StoredVersion | undefined,
    });
  }

  rekey(record: CredentialRecord, expectedWriteId: string): Promise<WriteResult> {
    const input = {
      TableName: this.table,
      Item: toCredentialItem(record),
      ConditionExpression: WRITE_AS_READ,
      ExpressionAttributeValues: { ':expected': expectedWriteId },
    };
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: (stored) => stored?.write_id === expectedWriteId,
      send: () => this.documents.put(input),
      read: async () => (await this.read(record.provider, record.name, true)) as StoredVersion | undefined,
    });
  }

  async hasAny(provider: string): Promise<boolean> {
    const counts = credentialShards(provider).map(async (shard) => {
      const page = this.documents.query({
        TableName: this.table,
        ...inShard(shard),
        ConsistentRead: true,
        Select: 'COUNT',
        Limit: 1,
      });
      return (await orUnavailable(page)).count;
    });
    return (await Promise.all(counts)).some((count) => count !== 0);
  }

  private read(provider: string, name: string, consistent: boolean): Promise<unknown> {
    const item = this.documents.get({
      TableName: this.table,
      Key: { provider_shard: credentialShard(provider, name), name },
      ConsistentRead: consistent,
    });
    return orUnavailable(item);
  }

  private liveCredentials(
    provider: string,
    shard: string,
    consistent: boolean,
    start: string | undefined,
  ): ReadShard<CredentialRecord | DamagedCredential> {
    return async (readTo) => {
      const page = this.documents.query({
        TableName: this.table,
        ...inShard(shard, readTo ?? start),
        FilterExpression: IS_LIVE,
        ConsistentRead: consistent,
        Limit: SHARD_PAGE,
      });
      const { items, lastKey } = await orUnavailable(page);
      return {
        items: items.map((item) => {
          const name = keyOf(item, 'name');
          // The filter leaves no tombstone.
          return { key: name, value: fromCredentialItem(provider, name, item) as CredentialRecord | DamagedCredential };
        }),
        readTo: lastKey?.['name']?.S,
      };
    };
  }
}
