import {
  BatchWriteItemCommand,
  QueryCommand,
  ScanCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { fromAuditItem, type AuditItem } from '../../lambdas/adapters/aws/dynamodb/audit-item';
import { dayOf, NO_PROVIDER } from '../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { orUnavailable } from '../../lambdas/adapters/aws/dynamodb/store-unavailable';
import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { isTimestamp } from '../../lambdas/core/crypto/record-checks';

/** Place of a row in the table, and of its event in the log: the key is its time and its id. */
export interface OlderRow {
  readonly bucket: string;
  readonly key: string;
}

/** A page of the table; `next` is missing at the end. */
export interface RowsPage {
  /** Rows of events. */
  readonly rows: readonly OlderRow[];
  /** Number of rows that are not at a place of an event, and so are not events. */
  readonly others: number;
  readonly next?: Readonly<Record<string, AttributeValue>>;
}

export interface OlderEvent {
  readonly key: string;
  readonly event: AuditEvent;
}

const BUCKET = /^(.+)#(\d{4}-\d{2}-\d{2})#\d{2}$/;
const KEY = /^(.{24})#([0-9a-f]{32})$/;
const MARK = /^used#/;

const PLACE = '#bucket, event_key';
const BUCKET_NAME = { '#bucket': 'bucket' };
const AFTER_KEY = '#bucket = :bucket AND event_key > :after';

/** Number of rows per call: each takes a millisecond or two of a process that serves callers. */
export const ROWS_BITE = 25;
const PLACES_BITE = 100;

/** The audit events of earlier releases in the embedded database. All methods throw KeywardError `store_unavailable`. */
export class OlderRows {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** Returns a page of the rows, unordered. */
  async places(start: RowsPage['next']): Promise<RowsPage> {
    const command = new ScanCommand({
      TableName: this.table,
      ProjectionExpression: PLACE,
      ExpressionAttributeNames: BUCKET_NAME,
      ConsistentRead: true,
      Limit: PLACES_BITE,
      ...(start !== undefined && { ExclusiveStartKey: { ...start } }),
    });
    const { Items = [], LastEvaluatedKey } = await orUnavailable(this.client.send(command));
    const all = Items.map(placeOf).filter(({ bucket }) => !MARK.test(bucket));
    const rows = all.filter(isPlaced);
    return {
      rows,
      others: all.length - rows.length,
      ...(LastEvaluatedKey !== undefined && { next: LastEvaluatedKey }),
    };
  }

  /** Returns a bucket's first events after a key, oldest first; fewer than {@link ROWS_BITE} only at its end. */
  async read(bucket: string, after: string): Promise<{ events: readonly OlderEvent[]; isEnd: boolean; last: string }> {
    const command = new QueryCommand({
      TableName: this.table,
      KeyConditionExpression: AFTER_KEY,
      ExpressionAttributeNames: BUCKET_NAME,
      ExpressionAttributeValues: { ':bucket': { S: bucket }, ':after': { S: after } },
      ConsistentRead: true,
      Limit: ROWS_BITE,
    });
    const { Items = [], LastEvaluatedKey } = await orUnavailable(this.client.send(command));
    const events = Items.filter((item) => isPlaced(placeOf(item))).map(toOlderEvent);
    return { events, isEnd: LastEvaluatedKey === undefined, last: placeOf(Items.at(-1) ?? {}).key };
  }

  /** Erases at most {@link ROWS_BITE} rows permanently, by their places. @returns their number */
  async erase(rows: readonly OlderRow[]): Promise<number> {
    const requests = rows.map(({ bucket, key }) => ({
      DeleteRequest: { Key: { bucket: { S: bucket }, event_key: { S: key } } },
    }));
    const command = new BatchWriteItemCommand({ RequestItems: { [this.table]: requests } });
    const { UnprocessedItems } = await orUnavailable(this.client.send(command));
    return requests.length - (UnprocessedItems?.[this.table]?.length ?? 0);
  }
}

const placeOf = (item: AuditItem): OlderRow => ({
  bucket: item['bucket']?.S ?? '',
  key: item['event_key']?.S ?? '',
});

/** Whether the row is at a place of an event, so that its event has a place in the log. */
export function isPlaced({ bucket, key }: OlderRow): boolean {
  const [, , day] = BUCKET.exec(bucket) ?? [];
  const [, timestamp] = KEY.exec(key) ?? [];
  return isTimestamp(timestamp) && dayOf(timestamp) === day;
}

/** An edited row may have lost its provider; its bucket has it. */
function toOlderEvent(item: AuditItem): OlderEvent {
  const { bucket, key } = placeOf(item);
  const event = fromAuditItem(item);
  const [, provider = NO_PROVIDER] = BUCKET.exec(bucket) ?? [];
  const isLost = event.damaged === true && event.provider === null && provider !== NO_PROVIDER;
  return { key, event: isLost ? { ...event, provider } : event };
}
