import {
  GetItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../../core/ports/clock';
import type { OpenIntents } from '../../../core/audit/ports/open-intents';
import { fromAuditItem, type AuditItem } from './audit-item';
import { AFTER_IDS, auditBuckets, auditEventKey, dayOf, NO_PROVIDER, shiftDay } from './dynamodb-tables';
import { orUnavailable } from './store-unavailable';

const BETWEEN_TIMES = '#bucket = :bucket AND event_key BETWEEN :low AND :high';
const IS_INTENT_OR_OUTCOME = 'metadata.phase IN (:intent, :outcome)';
const IS_OUTCOME = 'metadata.phase = :outcome';
const POSITION_AND_PAIR = 'event_key, metadata.phase, metadata.write_id';

/** Assumed maximum difference of the clocks of the processes that wrote intent and outcome, and of this one. */
const CLOCK_SKEW_MS = 60_000;

export interface OpenIntentsConfig {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
}

/** A time range, in milliseconds since 1970, inclusive. */
interface Period {
  readonly from: number;
  readonly to: number;
  readonly outcomesAlone: boolean;
}

/** One of the two events of a change, by phase and key. */
interface Half {
  readonly bucket: string;
  readonly key: string;
  readonly isIntent: boolean;
  readonly writeId: string;
}

/**
 * Searches the audit log of the client's region. Reads the whole period once, consistently, and later events only while an intent
 * has no outcome: a change records its outcome at once, a sweep perhaps days later.
 */
export function createOpenIntents(config: OpenIntentsConfig): OpenIntents {
  return {
    find: async (provider, from, to) => {
      const [first, last] = [Date.parse(from), Date.parse(to)];
      const closed = new Set<string>();
      let open: Half[] = [];
      const take = (halves: readonly Half[]): void => {
        for (const { isIntent, writeId } of halves) if (!isIntent) closed.add(writeId);
        const intents = halves.filter(
          ({ isIntent, key }) => isIntent && key >= eventKey(first, '') && key <= eventKey(last, AFTER_IDS),
        );
        open = [...open, ...intents].filter(({ writeId }) => !closed.has(writeId));
      };
      const around = { from: first - CLOCK_SKEW_MS, to: last + CLOCK_SKEW_MS, outcomesAlone: false };
      for (const day of daysOf(around)) take(await readDay(config, provider, day, around));
      const after = { from: around.to, to: config.clock.now() + CLOCK_SKEW_MS, outcomesAlone: true };
      for (const day of daysOf(after)) {
        if (open.length === 0) break;
        take(await readDay(config, provider, day, after));
      }
      const items = await Promise.all(
        open.sort((a, b) => (a.key < b.key ? -1 : 1)).map((intent) => readItem(config, intent)),
      );
      return items.flatMap((item) => (item === undefined ? [] : [fromAuditItem(item)]));
    },
  };
}

async function readDay(
  config: OpenIntentsConfig,
  provider: string | null,
  day: string,
  period: Period,
): Promise<readonly Half[]> {
  const buckets = auditBuckets(provider ?? NO_PROVIDER, day);
  return (await Promise.all(buckets.map((bucket) => readBucket(config, bucket, period)))).flat();
}

async function readBucket(config: OpenIntentsConfig, bucket: string, period: Period): Promise<readonly Half[]> {
  const halves: Half[] = [];
  let start: QueryCommandInput['ExclusiveStartKey'];
  do {
    const command = new QueryCommand({
      TableName: config.table,
      KeyConditionExpression: BETWEEN_TIMES,
      FilterExpression: period.outcomesAlone ? IS_OUTCOME : IS_INTENT_OR_OUTCOME,
      ProjectionExpression: POSITION_AND_PAIR,
      ExpressionAttributeNames: { '#bucket': 'bucket' },
      ExpressionAttributeValues: {
        ':bucket': { S: bucket },
        ':low': { S: eventKey(period.from, '') },
        ':high': { S: eventKey(period.to, AFTER_IDS) },
        ':outcome': { S: 'outcome' },
        ...(!period.outcomesAlone && { ':intent': { S: 'intent' } }),
      },
      ConsistentRead: true,
      ...(start !== undefined && { ExclusiveStartKey: start }),
    });
    const { Items = [], LastEvaluatedKey } = await orUnavailable(config.client.send(command));
    halves.push(...Items.flatMap((item) => toHalves(bucket, item)));
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return halves;
}

/** Empty if the event has no `write_id`, so no other event belongs to it. */
function toHalves(bucket: string, item: AuditItem): readonly Half[] {
  const { phase, write_id } = fromAuditItem(item).metadata;
  const key = (item['event_key'] as AttributeValue.SMember).S;
  return write_id === undefined ? [] : [{ bucket, key, isIntent: phase === 'intent', writeId: write_id }];
}

/** Undefined if TTL has deleted it in the meantime. */
async function readItem(config: OpenIntentsConfig, { bucket, key }: Half): Promise<AuditItem | undefined> {
  const command = new GetItemCommand({
    TableName: config.table,
    Key: { bucket: { S: bucket }, event_key: { S: key } },
    ConsistentRead: true,
  });
  return (await orUnavailable(config.client.send(command))).Item;
}

const eventKey = (time: number, id: string): string => auditEventKey(new Date(time).toISOString(), id);

/** Every UTC day of the period, in order. */
function daysOf({ from, to }: Period): readonly string[] {
  if (from > to) return [];
  const last = dayOf(new Date(to).toISOString());
  const days: string[] = [];
  for (let day = dayOf(new Date(from).toISOString()); day <= last; day = shiftDay(day, 1)) days.push(day);
  return days;
}
