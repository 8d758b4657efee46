import { createHash } from 'node:crypto';
import type { CreateTableCommandInput, KeySchemaElement } from '@aws-sdk/client-dynamodb';
import {
  TABLES,
  type KeyAttribute,
  type TableName,
  type TableNames,
  type TableShape,
} from '../../../core/contract/tables';
import { DAY_MS } from '../../../core/contract/time-units';

/** The `provider` part of the bucket of an event without a provider. No provider has this name. */
export const NO_PROVIDER = '-';

/** Both numbers of shards never change: another number would look for rows in the wrong place. */
export const CREDENTIAL_SHARDS = 16;
const AUDIT_SHARDS = 16;

const twoDigits = (shard: number): string => String(shard).padStart(2, '0');
const everyShard = (prefix: string, shards: number): readonly string[] =>
  Array.from({ length: shards }, (_, shard) => `${prefix}#${twoDigits(shard)}`);

/** `<provider>#<shard>`: the shard is the first byte of SHA-256(name) modulo 16. Never changes. */
export const credentialShard = (provider: string, name: string): string =>
  credentialShardAt(provider, credentialShardNumber(name));

/** The number of the shard of a name, the same for every provider: see {@link credentialShard}. */
export const credentialShardNumber = (name: string): number =>
  createHash('sha256').update(name, 'utf8').digest().readUInt8(0) % CREDENTIAL_SHARDS;

/** The partition key of a provider's shard by its number, from 0. */
export const credentialShardAt = (provider: string, shard: number): string => `${provider}#${twoDigits(shard)}`;

/** All partition keys of a provider's credentials. */
export const credentialShards = (provider: string): readonly string[] => everyShard(provider, CREDENTIAL_SHARDS);

/**
 * `<provider or ->#<YYYY-MM-DD>#<shard>`: the day of the event's timestamp, the shard from the last hexadecimal digit of its
 * random id. Never changes.
 */
export function auditBucket(provider: string | null, timestamp: string, id: string): string {
  const shard = Number.parseInt(id.slice(-1), 16) % AUDIT_SHARDS;
  return `${provider ?? NO_PROVIDER}#${dayOf(timestamp)}#${twoDigits(shard)}`;
}

/** All partition keys of one provider's events on one day. */
export const auditBuckets = (provider: string, day: string): readonly string[] =>
  everyShard(`${provider}#${day}`, AUDIT_SHARDS);

/**
 * The partition key of the row that records that a provider was in use. No provider name contains `#`, so it differs from those
 * of events.
 */
export const usedBucket = (provider: string): string => `used#${provider}`;
export const USED_KEY = 'used';

/** The UTC day, `YYYY-MM-DD`, of an ISO 8601 time in UTC. */
export const dayOf = (timestamp: string): string => timestamp.slice(0, 10);

/** The first timestamp of a day. */
export const startOf = (day: string): string => `${day}T00:00:00.000Z`;

/** The day so many days after another one, or before it if negative. */
export const shiftDay = (day: string, days: number): string =>
  dayOf(new Date(Date.parse(startOf(day)) + days * DAY_MS).toISOString());

/** The partition key of the shards of one rotation; that of its reports is the provider's name. Neither name contains `#`. */
export const dekRotationShardsScope = (provider: string, rotationId: string): string => `${provider}#${rotationId}`;

/** The sort key of a rotation's shard, which sorts by its number. */
export const dekRotationShardItem = (shard: number): string => twoDigits(shard);

/** The sort key of an event: sorts by time, then id, because both have a fixed length. */
export const auditEventKey = (timestamp: string, id: string): string => `${timestamp}#${id}`;

/** Used in place of an id: sorts after every id. */
export const AFTER_IDS = '~';

/** The inputs of CreateTable for all tables. */
export const tableDefinitions = (names: TableNames): readonly CreateTableCommandInput[] =>
  Object.entries<TableShape>(TABLES).map(([table, shape]) => ({
    TableName: names[table as TableName],
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: attributesOf(shape).map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchema(shape),
    ...(shape.index !== undefined && {
      GlobalSecondaryIndexes: [
        { IndexName: shape.index.name, KeySchema: keySchema(shape.index), Projection: { ProjectionType: 'KEYS_ONLY' } },
      ],
    }),
  }));

const keySchema = ({ partitionKey, sortKey }: Pick<TableShape, 'partitionKey' | 'sortKey'>): KeySchemaElement[] => [
  { AttributeName: partitionKey.name, KeyType: 'HASH' },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey.name, KeyType: 'RANGE' } as const]),
];

/** The attributes of all keys; the index has the table's partition key. */
const attributesOf = ({ partitionKey, sortKey, index }: TableShape): readonly KeyAttribute[] =>
  [partitionKey, sortKey, index?.sortKey].filter((attribute) => attribute !== undefined);
