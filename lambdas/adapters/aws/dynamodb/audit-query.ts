import { QueryCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CREDENTIAL_NAME_PATTERN } from '../../../core/contract/names';
import { AUDIT_QUERY_BUDGET_MS } from '../../../core/contract/protocol-times';
import { mapConcurrently } from '../../../core/ports/map-concurrently';
import type { Clock } from '../../../core/ports/clock';
import type { AuditEvent } from '../../../core/audit/audit-event';
import type { AuditPage, AuditPosition, AuditQuery } from '../../../core/audit/ports/audit-log';
import { fromAuditItem, toAttribute, type AuditItem, type Comparable } from './audit-item';
import {
  AFTER_IDS,
  auditBucket,
  auditBuckets,
  auditEventKey,
  credentialShardNumber,
  dayOf,
  NO_PROVIDER,
  shiftDay,
  startOf,
} from './dynamodb-tables';
import { mergeShards, type ReadShard } from './merge-shards';
import { orUnavailable } from './store-unavailable';

export interface AuditQueryConfig {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Providers that a query without a provider searches, besides events without a provider. */
  readonly providers: readonly string[];
  /** Stored providers, which need not be configured any more: their events are searched too. Left out: there are none. */
  readonly stored?: () => Promise<readonly string[]>;
  readonly clock: Pick<Clock, 'now'>;
  /**
   * Maximum number of reads of one query, each of at most {@link FILTERED_PAGE} events; at least one for each bucket of its first
   * day. Default 320. The next page continues the search, as after {@link AUDIT_QUERY_BUDGET_MS}.
   */
  readonly maxReads?: number;
}

const AT_KEY = '#bucket = :bucket AND event_key = :key';
export const BETWEEN_TIMES = '#bucket = :bucket AND event_key BETWEEN :low AND :high';

const DEFAULT_MAX_READS = 320;
/** A filter applies to the items that were read: small pages would need many reads. */
const FILTERED_PAGE = 200;
/** The lowest id, which is the oldest of its millisecond. */
const LOWEST_ID = '0'.repeat(32);

/**
 * Reads a page of the log, newest first, day by day back from its end: 16 buckets for each provider and day, merged. Stops early,
 * with the position to continue from, after its maximum number of reads or time.
 *
 * @throws KeywardError `store_unavailable`
 */
export async function queryAuditLog(config: AuditQueryConfig, query: AuditQuery): Promise<AuditPage> {
  const { from, limit } = query;
  const maxReads = config.maxReads ?? DEFAULT_MAX_READS;
  const deadline = config.clock.now() + AUDIT_QUERY_BUDGET_MS;
  const isLate = (): boolean => config.clock.now() >= deadline;
  const beginning = beginningOf(query);
  const { last } = beginning;
  let start = beginning.start;
  const events: AuditEvent[] = [];
  let reads = 0;
  if (last < from) return { events };
  const providers = query.provider === undefined ? await allProviders(config) : [query.provider];
  for (let day = dayOf(last); day >= dayOf(from); day = shiftDay(day, -1)) {
    const buckets = providers.flatMap((provider) => auditBuckets(provider ?? NO_PROVIDER, day));
    if (events.length === limit || (reads > 0 && (reads + buckets.length > maxReads || isLate()))) {
      return { events, next: { timestamp: startOf(shiftDay(day, 1)), id: LOWEST_ID } };
    }
    const remaining = limit - events.length;
    const range = { low: from, high: last, start, pageSize: Math.ceil((2 * remaining) / buckets.length) + 1 };
    const page = await mergeShards(
      buckets.map((bucket) => readBucket(config, bucket, range, query)),
      { order: 'descending', limit: remaining, maxReads: maxReads - reads, isLate },
    );
    events.push(...page.items.map(({ value }) => fromAuditItem(value)));
    if (page.readTo !== undefined) return { events, next: positionOf(page.readTo) };
    reads += page.reads;
    start = undefined;
  }
  return { events };
}

/**
 * Reads the event at a place of the log.
 *
 * @throws KeywardError `store_unavailable`
 */
export async function getAuditEvent(config: AuditQueryConfig, place: AuditPosition): Promise<AuditEvent | undefined> {
  const item = await getAuditItem(config, place);
  return item && fromAuditItem(item);
}

/**
 * Reads the item at a place of the log: in one bucket for each provider, because the place does not tell the provider.
 *
 * @throws KeywardError `store_unavailable`
 */
export async function getAuditItem(
  config: Omit<AuditQueryConfig, 'clock'>,
  { timestamp, id }: AuditPosition,
): Promise<AuditItem | undefined> {
  const key = auditEventKey(timestamp, id);
  const found = await mapConcurrently(await allProviders(config), PROVIDERS_AT_ONCE, async (provider) => {
    const command = new QueryCommand({
      TableName: config.table,
      KeyConditionExpression: AT_KEY,
      ExpressionAttributeNames: { '#bucket': 'bucket' },
      ExpressionAttributeValues: { ':bucket': { S: auditBucket(provider, timestamp, id) }, ':key': { S: key } },
      ConsistentRead: true,
    });
    return (await orUnavailable(config.client.send(command))).Items ?? [];
  });
  return found.flat()[0];
}

const PROVIDERS_AT_ONCE = 32;

/** Null for events without a provider. */
export const allProviders = async ({
  providers,
  stored,
}: Pick<AuditQueryConfig, 'providers' | 'stored'>): Promise<readonly (string | null)[]> => [
  ...new Set([...providers, ...((await stored?.()) ?? [])]),
  null,
];

/** The newest timestamp to read, and the key before which events of its day are wanted; undefined: all of them. */
function beginningOf({ to, before }: AuditQuery): { last: string; start: string | undefined } {
  if (before === undefined || before.timestamp > to) return { last: to, start: undefined };
  const day = dayOf(before.timestamp);
  // Reading that day again would find nothing, and with few reads the page would end where it began.
  if (before.timestamp === startOf(day) && before.id === LOWEST_ID) {
    return { last: `${shiftDay(day, -1)}T23:59:59.999Z`, start: undefined };
  }
  return { last: before.timestamp, start: auditEventKey(before.timestamp, before.id) };
}

interface Range {
  /** Timestamps, inclusive. */
  readonly low: string;
  readonly high: string;
  /** Only events older than this key. It need not exist: DynamoDB requires only that it is within the range. */
  readonly start: string | undefined;
  readonly pageSize: number;
}

function readBucket(config: AuditQueryConfig, bucket: string, range: Range, query: AuditQuery): ReadShard<AuditItem> {
  const filter = filterOf(query);
  return async (readTo) => {
    const start = readTo ?? range.start;
    const command = new QueryCommand({
      TableName: config.table,
      KeyConditionExpression: BETWEEN_TIMES,
      ExpressionAttributeNames: { '#bucket': 'bucket', ...filter?.names },
      ExpressionAttributeValues: {
        ':bucket': { S: bucket },
        ':low': { S: auditEventKey(range.low, '') },
        ':high': { S: auditEventKey(range.high, AFTER_IDS) },
        ...filter?.values,
      },
      ...(filter !== undefined && { FilterExpression: filter.expression }),
      ...(start !== undefined && { ExclusiveStartKey: { bucket: { S: bucket }, event_key: { S: start } } }),
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: filter === undefined ? range.pageSize : FILTERED_PAGE,
    });
    const { Items = [], LastEvaluatedKey } = await orUnavailable(config.client.send(command));
    return {
      items: Items.map((item) => ({ key: keyOf(item), value: item })),
      readTo: LastEvaluatedKey && keyOf(LastEvaluatedKey),
    };
  };
}

interface Filter {
  readonly expression: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, AttributeValue>;
}

const EQUALS = ['user_id', 'event_type', 'success', 'key_version', 'request_id', 'operation'] as const;
const PATHS: Partial<Record<(typeof EQUALS)[number], string>> = { operation: 'metadata.#operation' };
const NAMES_CREDENTIAL = 'metadata.#credential = :credential';
const BEGINS_WITH_PREFIX = 'begins_with(#user, :prefix)';
const NAMES_EITHER = 'metadata.#credential IN (:credential, :fingerprint)';
const MAY_HAVE_MOVED_IT =
  'metadata.#shard = :shard AND metadata.first_credential <= :credential AND metadata.last_credential >= :credential';

/** A path into a missing attribute or one that is not a map makes a comparison false: an edited row stops no search. */
function filterOf(query: AuditQuery): Filter | undefined {
  const wanted = EQUALS.filter((name) => query[name] !== undefined);
  const conditions = wanted.map((name) => `${PATHS[name] ?? `#${name}`} = :${name}`);
  const names: Record<string, string> = Object.fromEntries(wanted.map((name) => [`#${name}`, name]));
  const values: Record<string, AttributeValue> = Object.fromEntries(
    wanted.map((name) => [`:${name}`, toAttribute(query[name] as Comparable)]),
  );
  const { credential, credential_fingerprint: fingerprint, user_prefix: prefix } = query;
  if (prefix !== undefined) {
    conditions.push(BEGINS_WITH_PREFIX);
    names['#user'] = 'user_id';
    values[':prefix'] = { S: prefix };
  }
  if (credential !== undefined) {
    const canMove = CREDENTIAL_NAME_PATTERN.test(credential);
    const namesIt = fingerprint === undefined ? NAMES_CREDENTIAL : NAMES_EITHER;
    conditions.push(canMove ? `(${namesIt} OR (${MAY_HAVE_MOVED_IT}))` : namesIt);
    if (fingerprint !== undefined) values[':fingerprint'] = { S: fingerprint };
    names['#credential'] = 'credential';
    values[':credential'] = { S: credential };
    if (canMove) {
      names['#shard'] = 'shard';
      values[':shard'] = { N: String(credentialShardNumber(credential)) };
    }
  }
  return conditions.length === 0 ? undefined : { expression: conditions.join(' AND '), names, values };
}

/** `event_key` is part of the table's key: no item and no position is without it. */
const keyOf = (item: AuditItem): string => (item['event_key'] as AttributeValue.SMember).S;

function positionOf(key: string): AuditPosition {
  const hash = key.indexOf('#');
  return { timestamp: key.slice(0, hash), id: key.slice(hash + 1) };
}
