import { createHash } from 'node:crypto';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** What the four tables are called in one deployment. */
export interface TableNames {
  readonly keysets: string;
  readonly credentials: string;
  readonly audit: string;
  readonly rotations: string;
}

/** Lists, per shard of a provider, the live credentials by the key version that they are sealed under. */
export const BY_KEY_VERSION = 'by-key-version';

/** The `provider` part of the bucket of an event that names none. No provider has this name. */
export const NO_PROVIDER = '-';

/** Both numbers of shards are fixed for ever: another one would look for every row in the wrong place. */
export const CREDENTIAL_SHARDS = 16;
const AUDIT_SHARDS = 16;

const DAY_MS = 86_400_000;

const twoDigits = (shard: number): string => String(shard).padStart(2, '0');
const everyShard = (prefix: string, shards: number): readonly string[] =>
  Array.from({ length: shards }, (_, shard) => `${prefix}#${twoDigits(shard)}`);

/** `<provider>#<shard>`: the shard is the first byte of SHA-256(name) modulo 16. Fixed for ever. */
export function credentialShard(provider: string, name: string): string {
  const hash = createHash('sha256').update(name, 'utf8').digest();
  return `${provider}#${twoDigits(hash.readUInt8(0) % CREDENTIAL_SHARDS)}`;
}

/** The partition key of a provider's shard by its number, from 0. */
export const credentialShardAt = (provider: string, shard: number): string => `${provider}#${twoDigits(shard)}`;

/** All partition keys of a provider's credentials. */
export const credentialShards = (provider: string): readonly string[] => everyShard(provider, CREDENTIAL_SHARDS);

/**
 * `<provider or ->#<YYYY-MM-DD>#<shard>`: the day of the event's timestamp, the shard from the last hexadecimal digit
 * of its random id. Fixed for ever.
 */
export function auditBucket(provider: string | null, timestamp: string, id: string): string {
  const shard = Number.parseInt(id.slice(-1), 16) % AUDIT_SHARDS;
  return `${provider ?? NO_PROVIDER}#${dayOf(timestamp)}#${twoDigits(shard)}`;
}

/** All partition keys of one provider's events on one day. */
export const auditBuckets = (provider: string, day: string): readonly string[] =>
  everyShard(`${provider}#${day}`, AUDIT_SHARDS);

/** The partition key of the row that says that a provider was in use. `#` in no provider's name keeps it apart from events. */
export const usedBucket = (provider: string): string => `used#${provider}`;
export const USED_KEY = 'used';

/** The UTC day, `YYYY-MM-DD`, of an ISO 8601 time in UTC. */
export const dayOf = (timestamp: string): string => timestamp.slice(0, 10);

/** The first timestamp of a day. */
export const startOf = (day: string): string => `${day}T00:00:00.000Z`;

/** The day so many days after another one; before it, if negative. */
export const shiftDay = (day: string, days: number): string =>
  dayOf(new Date(Date.parse(startOf(day)) + days * DAY_MS).toISOString());

/** The partition key of the shards of one rotation; a provider's name alone is that of its reports. `#` is in neither name. */
export const rotationShardsScope = (provider: string, rotationId: string): string => `${provider}#${rotationId}`;

/** The sort key of a rotation's shard: sorts by its number. */
export const rotationShardItem = (shard: number): string => twoDigits(shard);

/** Sorts by time, then id: both have one length and sort as text. */
export const auditEventKey = (timestamp: string, id: string): string => `${timestamp}#${id}`;

/** In place of an id: sorts after every one. */
export const AFTER_IDS = '~';

/** What CreateTable makes the tables from; docs/tables.md has the arithmetic behind the keys. */
export const tableDefinitions = (names: TableNames): readonly CreateTableCommandInput[] => [
  {
    TableName: names.keysets,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'provider', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'provider', KeyType: 'HASH' }],
  },
  {
    TableName: names.credentials,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'provider_shard', AttributeType: 'S' },
      { AttributeName: 'name', AttributeType: 'S' },
      { AttributeName: 'key_version', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'provider_shard', KeyType: 'HASH' },
      { AttributeName: 'name', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: BY_KEY_VERSION,
        KeySchema: [
          { AttributeName: 'provider_shard', KeyType: 'HASH' },
          { AttributeName: 'key_version', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  },
  {
    TableName: names.audit,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'bucket', AttributeType: 'S' },
      { AttributeName: 'event_key', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'bucket', KeyType: 'HASH' },
      { AttributeName: 'event_key', KeyType: 'RANGE' },
    ],
  },
  {
    TableName: names.rotations,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'scope', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'scope', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
  },
];
