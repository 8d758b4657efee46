import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { mapConcurrently } from '../../../core/ports/map-concurrently';
import type { EventPages } from '../../../core/transparency/ports/event-pages';
import { allProviders, BETWEEN_TIMES, type AuditQueryConfig } from './audit-query';
import { AFTER_IDS, auditBuckets, auditEventKey, NO_PROVIDER } from './dynamodb-tables';
import { orUnavailable } from './store-unavailable';
import { readStoredEvent } from './stored-event';

export interface EventPagesConfig extends Pick<AuditQueryConfig, 'client' | 'table' | 'providers' | 'stored'> {
  /** Only events of this region are returned. */
  readonly region: string;
  /** Events of all regions that a page reads at most; left out: as many as DynamoDB reads at once, 1 MB. */
  readonly pageSize?: number;
}

const IN_BUCKET = '#bucket = :bucket';
const OF_REGION = '#region = :region';
const ASKED_AT_ONCE = 16;

/**
 * The events of one region in one region's audit table. Its parts are the table's buckets. Reads are eventually consistent, at half the
 * price: what is read has been there for days.
 */
export function createDynamoDBEventPages(config: EventPagesConfig): EventPages {
  const { client, table: TableName, region } = config;

  async function isUsed(bucket: string): Promise<boolean> {
    const command = new QueryCommand({
      TableName,
      KeyConditionExpression: IN_BUCKET,
      ExpressionAttributeNames: { '#bucket': 'bucket' },
      ExpressionAttributeValues: { ':bucket': { S: bucket } },
      Select: 'COUNT',
      Limit: 1,
    });
    return (await orUnavailable(client.send(command))).Count !== 0;
  }

  return {
    parts: async (day) => {
      const providers = await allProviders(config);
      const buckets = providers.flatMap((provider) => auditBuckets(provider ?? NO_PROVIDER, day));
      const used = await mapConcurrently(buckets, ASKED_AT_ONCE, isUsed);
      return buckets.filter((_, at) => used[at]).toSorted();
    },
    page: async ({ part, hour, after }) => {
      const command = new QueryCommand({
        TableName,
        KeyConditionExpression: BETWEEN_TIMES,
        FilterExpression: OF_REGION,
        ExpressionAttributeNames: { '#bucket': 'bucket', '#region': 'region' },
        ExpressionAttributeValues: {
          ':bucket': { S: part },
          ':low': { S: auditEventKey(`${hour}:00:00.000Z`, '') },
          ':high': { S: auditEventKey(`${hour}:59:59.999Z`, AFTER_IDS) },
          ':region': { S: region },
        },
        ...(config.pageSize !== undefined && { Limit: config.pageSize }),
        ...(after !== undefined && { ExclusiveStartKey: { bucket: { S: part }, event_key: { S: after } } }),
      });
      const { Items = [], LastEvaluatedKey } = await orUnavailable(client.send(command));
      return { images: Items.map(readStoredEvent), readTo: LastEvaluatedKey?.['event_key']?.S };
    },
  };
}
