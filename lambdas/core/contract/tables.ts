/** A global table, replicated to every region. All but the audit events are written at home. */
export type TableName = keyof typeof TABLES;

/** Names of the tables in one deployment. */
export type TableNames = Readonly<Record<TableName, string>>;

/** An attribute of a key: its name and type, string (S) or number (N). */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

interface TableKey {
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
}

/** Definition of a table. Never changes: DynamoDB replaces a table whose key changes. */
export interface TableShape extends TableKey {
  /** Projects keys alone. */
  readonly index?: Required<TableKey> & { readonly name: string };
  /** Attribute with the time, in seconds since 1970, after which DynamoDB may delete the item. */
  readonly timeToLive?: string;
}

const PROVIDER_SHARD = { name: 'provider_shard', type: 'S' } as const;

/** When an audit event may be deleted. */
export const EXPIRES_AT = 'expires_at';

/** Index of the credentials of a shard by the key version of their oldest value. */
export const BY_KEY_VERSION = 'by-key-version';

/** Every table; docs/tables.md has the arithmetic behind the keys. */
export const TABLES = {
  keysets: { partitionKey: { name: 'provider', type: 'S' } },
  credentials: {
    partitionKey: PROVIDER_SHARD,
    sortKey: { name: 'name', type: 'S' },
    index: { name: BY_KEY_VERSION, partitionKey: PROVIDER_SHARD, sortKey: { name: 'key_version', type: 'N' } },
  },
  audit: {
    partitionKey: { name: 'bucket', type: 'S' },
    sortKey: { name: 'event_key', type: 'S' },
    timeToLive: EXPIRES_AT,
  },
  rotations: { partitionKey: { name: 'scope', type: 'S' }, sortKey: { name: 'item', type: 'S' } },
} as const satisfies Readonly<Record<string, TableShape>>;
