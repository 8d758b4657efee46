import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { QueryCommand, type DynamoDBDocumentClient, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { CredentialRecord } from '../../core/domain/credential';
import type { CredentialScanner } from '../../core/ports/credential-scanner';
import { fromCredentialItem, IS_LIVE, type CredentialItem } from './credential-item';
import { toDocumentClient } from './document-client';
import { BY_KEY_VERSION, CREDENTIAL_SHARDS, credentialShardAt } from './dynamodb-tables';
import { orUnavailable } from './store-unavailable';

const IN_SHARD = 'provider_shard = :shard';
const IN_SHARD_AFTER = 'provider_shard = :shard AND #name > :after';
const UNDER_VERSIONS = 'provider_shard = :shard AND key_version BETWEEN :from AND :to';

/** No credential is under it: what has lost its version counts as not yet moved. */
const NO_VERSION = 0;

/** The home region's stored credentials, shard by shard. */
export class DynamoDBCredentialScanner implements CredentialScanner {
  readonly shardCount = CREDENTIAL_SHARDS;
  private readonly documents: DynamoDBDocumentClient;
  private readonly table: string;

  private readonly countLimit: number | undefined;

  /** @param config `countLimit`: items that one read of a count looks at; default as many as DynamoDB gives, 1 MB */
  constructor(config: { client: DynamoDBClient; table: string; countLimit?: number }) {
    this.table = config.table;
    this.countLimit = config.countLimit;
    this.documents = toDocumentClient(config.client);
  }

  /** One read of at most `limit` items. The filter is applied to what was read, so a page may be short or empty before the end. */
  async page(
    provider: string,
    shard: number,
    page: { after?: string; limit: number },
  ): Promise<{ readonly credentials: readonly CredentialRecord[]; readonly next?: string }> {
    const { after, limit } = page;
    const shardKey = credentialShardAt(provider, shard);
    const { Items = [], LastEvaluatedKey } = await this.query({
      ...(after === undefined
        ? { KeyConditionExpression: IN_SHARD, ExpressionAttributeValues: { ':shard': shardKey } }
        : {
            KeyConditionExpression: IN_SHARD_AFTER,
            ExpressionAttributeNames: { '#name': 'name' },
            ExpressionAttributeValues: { ':shard': shardKey, ':after': after },
          }),
      FilterExpression: IS_LIVE,
      ConsistentRead: true,
      Limit: limit,
    });
    const next = (LastEvaluatedKey as { name: string } | undefined)?.name;
    return {
      // The filter leaves no tombstone.
      credentials: (Items as CredentialItem[]).map((item) => fromCredentialItem(item) as CredentialRecord),
      ...(next !== undefined && { next }),
    };
  }

  async countByVersion(provider: string, shard: number): Promise<ReadonlyMap<number, number>> {
    const counts = new Map<number, number>();
    let start: QueryCommandInput['ExclusiveStartKey'];
    do {
      const { Items = [], LastEvaluatedKey } = await this.query({
        KeyConditionExpression: IN_SHARD,
        ExpressionAttributeValues: { ':shard': credentialShardAt(provider, shard) },
        FilterExpression: IS_LIVE,
        ProjectionExpression: 'key_version',
        ConsistentRead: true,
        ...(this.countLimit !== undefined && { Limit: this.countLimit }),
        ...(start !== undefined && { ExclusiveStartKey: start }),
      });
      for (const { key_version = NO_VERSION } of Items as { key_version?: number }[]) {
        counts.set(key_version, (counts.get(key_version) ?? 0) + 1);
      }
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return counts;
  }

  async shardsWith(provider: string, from: number, to: number): Promise<readonly number[]> {
    // DynamoDB refuses such a range.
    if (from > to) return [];
    const shards = Array.from({ length: CREDENTIAL_SHARDS }, (_, shard) => shard);
    const answers = shards.map(async (shard) => {
      const { Count } = await this.query({
        IndexName: BY_KEY_VERSION,
        KeyConditionExpression: UNDER_VERSIONS,
        ExpressionAttributeValues: { ':shard': credentialShardAt(provider, shard), ':from': from, ':to': to },
        Select: 'COUNT',
        Limit: 1,
      });
      return Count === 0 ? [] : [shard];
    });
    return (await Promise.all(answers)).flat();
  }

  private query(input: Omit<QueryCommandInput, 'TableName'>) {
    return orUnavailable(this.documents.send(new QueryCommand({ ...input, TableName: this.table })));
  }
}
