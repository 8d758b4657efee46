/** A global table: written at home, but for audit events, and replicated to every region. */
export type TableName = keyof typeof TABLES;

/** What the tables are called in one deployment. */
export type TableNames = Readonly<Record<TableName, string>>;

/** An attribute of a key: its name, and whether it is a text (S) or a number (N). */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

interface TableKey {
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
}

/** What a table is made with. Fixed for ever: DynamoDB replaces a table whose key changes. */
export interface TableShape extends TableKey {
  /** Lists keys alone. */
  readonly index?: Required<TableKey> & { readonly name: string };
  /** Once this time, in seconds since 1970, has passed, DynamoDB may delete the item. */
  readonly timeToLive?: string;
}

const PROVIDER_SHARD = { name: 'provider_shard', type: 'S' } as const;

/** When an audit event may be deleted. */
export const EXPIRES_AT = 'expires_at';

/** Lists, per shard of a provider, the live credentials by the key version that they are sealed under. */
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
