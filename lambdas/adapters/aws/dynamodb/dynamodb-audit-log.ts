import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DAY_MS } from '../../../core/contract/time-units';
import type { AuditReader, AuditSink } from '../../../core/audit/ports/audit-log';
import { toAuditItem } from './audit-item';
import { getAuditEvent, queryAuditLog, type AuditQueryConfig } from './audit-query';
import { auditBuckets, dayOf, USED_KEY, usedBucket } from './dynamodb-tables';
import { putAuditEvent } from './put-audit-event';
import { orUnavailable } from './store-unavailable';

export interface AuditSinkConfig extends Pick<AuditQueryConfig, 'client' | 'table'> {
  /** Days until DynamoDB's TTL may delete an event. Left out: never. */
  readonly retentionDays?: number;
}

export interface AuditLogConfig extends AuditSinkConfig, AuditQueryConfig {}

const IN_BUCKET = '#bucket = :bucket';
const SUCCEEDED = 'success = :true';
const BUCKET_NAME = { '#bucket': 'bucket' };

/** Recent events are those of today and yesterday, and of each bucket the newest ones. */
const RECENT_DAYS = [0, 1];
const RECENT_EVENTS = 200;

/**
 * An audit sink of one region's table. Each event is one conditional PutItem, for functions that write one event after the other;
 * where events come together, use createAuditGroupCommit.
 */
export const createAuditSink = (config: AuditSinkConfig): AuditSink => ({
  append: (event) => putAuditEvent(config, toAuditItem(event, config.retentionDays)),
});

/** The audit log in one region's table; see {@link createAuditSink} for how it stores events. */
export const createAuditLog = (config: AuditLogConfig): AuditSink & AuditReader => ({
  ...createAuditSink(config),

  query: (query) => queryAuditLog(config, query),

  get: (place) => getAuditEvent(config, place),

  wasUsed: async (provider) => {
    const command = new GetItemCommand({ TableName: config.table, Key: usedRow(provider), ConsistentRead: true });
    const { Item } = await orUnavailable(config.client.send(command));
    return Item !== undefined || hasRecentSuccess(config, provider);
  },

  markUsed: async (provider) => {
    await orUnavailable(config.client.send(new PutItemCommand({ TableName: config.table, Item: usedRow(provider) })));
  },
});

const usedRow = (provider: string) => ({ bucket: { S: usedBucket(provider) }, event_key: { S: USED_KEY } });

/**
 * Only a success proves that the provider has a keyset. A refusal may name a provider without one, and a crash may leave the
 * intent of its first one: neither may prevent the first keyset.
 */
async function hasRecentSuccess(config: AuditLogConfig, provider: string): Promise<boolean> {
  const days = RECENT_DAYS.map((ago) => dayOf(new Date(config.clock.now() - ago * DAY_MS).toISOString()));
  const counts = days
    .flatMap((day) => auditBuckets(provider, day))
    .map(async (bucket) => {
      const command = new QueryCommand({
        TableName: config.table,
        KeyConditionExpression: IN_BUCKET,
        FilterExpression: SUCCEEDED,
        ExpressionAttributeNames: BUCKET_NAME,
        ExpressionAttributeValues: { ':bucket': { S: bucket }, ':true': { BOOL: true } },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: RECENT_EVENTS,
      });
      return (await orUnavailable(config.client.send(command))).Count;
    });
  return (await Promise.all(counts)).some((count) => count !== 0);
}
