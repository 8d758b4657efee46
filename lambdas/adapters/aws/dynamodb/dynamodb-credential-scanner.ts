import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BY_KEY_VERSION } from '../../../core/contract/tables';
import type { CredentialScanner, ScannedPage } from '../../../core/credentials/ports/credential-scanner';
import { COUNTED_ATTRIBUTES, countedVersions, fromCredentialItem, HOLDS_A_VALUE } from './credential-item';
import { toDocumentClient, type DocumentClient, type QueryInput, type QueryPage } from './document-client';
import { CREDENTIAL_SHARDS, credentialShardAt } from './dynamodb-tables';
import { inShard } from './in-shard';
import { orUnavailable } from './store-unavailable';
import { keyOf } from './stored-value';

const UNDER_VERSIONS = 'provider_shard = :shard AND key_version BETWEEN :from AND :to';

/** The home region's stored credentials, shard by shard. */
export class DynamoDBCredentialScanner implements CredentialScanner {
  readonly shardCount = CREDENTIAL_SHARDS;
  private readonly documents: DocumentClient;
  private readonly table: string;

  private readonly countLimit: number | undefined;

  /** @param config `countLimit`: items of one read of a count; default DynamoDB's limit of 1 MB */
  constructor(config: { client: DynamoDBClient; table: string; countLimit?: number }) {
    this.table = config.table;
    this.countLimit = config.countLimit;
    this.documents = toDocumentClient(config.client);
  }

  /**
   * Makes one read of at most `limit` items. The filter is applied after the read, so a page may be short or empty before the
   * end.
   */
  async page(provider: string, shard: number, page: { after?: string; limit: number }): Promise<ScannedPage> {
    const { after, limit } = page;
    const { items, lastKey } = await this.query({
      ...inShard(credentialShardAt(provider, shard), after),
      FilterExpression: HOLDS_A_VALUE,
      ConsistentRead: true,
      Limit: limit,
    });
    const next = lastKey?.['name']?.S;
    return {
      rows: items.map((item) => fromCredentialItem(provider, keyOf(item, 'name'), item)),
      ...(next !== undefined && { next }),
    };
  }

  async countByVersion(provider: string, shard: number): Promise<ReadonlyMap<number, number>> {
    const counts = new Map<number, number>();
    let start: QueryPage['lastKey'];
    do {
      const { items, lastKey } = await this.query({
        ...inShard(credentialShardAt(provider, shard)),
        FilterExpression: HOLDS_A_VALUE,
        ...COUNTED_ATTRIBUTES,
        ConsistentRead: true,
        ...(this.countLimit !== undefined && { Limit: this.countLimit }),
        ...(start !== undefined && { ExclusiveStartKey: start }),
      });
      for (const version of items.flatMap(countedVersions)) counts.set(version, (counts.get(version) ?? 0) + 1);
      start = lastKey;
    } while (start !== undefined);
    return counts;
  }

  async shardsWith(provider: string, from: number, to: number): Promise<readonly number[]> {
    // DynamoDB refuses such a range.
    if (from > to) return [];
    const shards = Array.from({ length: CREDENTIAL_SHARDS }, (_, shard) => shard);
    const answers = shards.map(async (shard) => {
      const { count } = await this.query({
        IndexName: BY_KEY_VERSION,
        KeyConditionExpression: UNDER_VERSIONS,
        ExpressionAttributeValues: { ':shard': credentialShardAt(provider, shard), ':from': from, ':to': to },
        Select: 'COUNT',
        Limit: 1,
      });
      return count === 0 ? [] : [shard];
    });
    return (await Promise.all(answers)).flat();
  }

  private query(input: Omit<QueryInput, 'TableName'>): Promise<QueryPage> {
    return orUnavailable(this.documents.query({ ...input, TableName: this.table }));
  }
}
