import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  isDamaged,
  isPreviousDamaged,
  type DamagedCredential,
  type StoredRow,
} from '../../../core/credentials/credential';
import type {
  CredentialPage,
  CredentialStore,
  DeletedCredential,
  DeletedPage,
  ListedPage,
  ReadRow,
} from '../../../core/credentials/ports/credential-store';
import type { WriteResult } from '../../../core/ports/write-result';
import { writeConditionally, type StoredVersion } from './conditional-write';
import {
  DELETED_ATTRIBUTES,
  fromCredentialItem,
  fromDeletedItem,
  fromListedItem,
  HOLDS_PREVIOUS,
  IS_LIVE,
  LISTED_ATTRIBUTES,
  toCredentialItem,
} from './credential-item';
import { toDocumentClient, type DocumentClient, type PutInput } from './document-client';
import { CREDENTIAL_SHARDS, credentialShard, credentialShards } from './dynamodb-tables';
import { inShard } from './in-shard';
import { mergeShards, type ReadShard } from './merge-shards';
import { orUnavailable } from './store-unavailable';
import { keyOf } from './stored-value';

const NAME_NEVER_USED = 'attribute_not_exists(provider_shard)';
const WRITE_AS_READ = 'write_id = :expected';
/** The condition on a row whose id was lost by an edit; every row that Keyward writes has one. */
const LOST_AS_READ = 'revision = :expected AND (NOT attribute_type(write_id, :text) OR write_id = :empty)';

/** A filter applies to the items that were read: with small pages, many tombstones would need many reads. */
const SHARD_PAGE = 100;

/**
 * Number of items of each shard that are enough for a page where few names were deleted. Names fall into shards at random: a shard seldom
 * has more than three standard deviations beyond its share of a page (Poisson's distribution). Such a shard is read on alone.
 */
const firstPageOf = (limit: number): number => {
  const share = limit / CREDENTIAL_SHARDS;
  return Math.min(SHARD_PAGE, Math.ceil(share + 3 * Math.sqrt(share)) + 1);
};

/** Maximum number of reads of one list: four rounds of all shards. */
const MAX_READS = 64;

/** Which rows a list returns, and how each is read from its item. */
interface Wanted<Row> {
  readonly filter: string;
  readonly attributes: typeof LISTED_ATTRIBUTES;
  readonly toRow: (provider: string, name: string, item: unknown) => Row;
  /** Maximum number of items in the first read of each shard. */
  readonly firstPage: number;
}

/** One region's stored credentials, in 16 partitions per provider. */
export class DynamoDBCredentialStore implements CredentialStore {
  private readonly documents: DocumentClient;
  private readonly table: string;

  constructor(config: { client: DynamoDBClient; table: string }) {
    this.table = config.table;
    this.documents = toDocumentClient(config.client);
  }

  async get(provider: string, name: string, consistent: boolean): Promise<StoredRow | undefined> {
    const item = await this.read(provider, name, consistent);
    return item === undefined ? undefined : fromCredentialItem(provider, name, item);
  }

  async list(provider: string, page: ListedPage): Promise<CredentialPage> {
    const firstPage = firstPageOf(page.limit);
    const wanted = { filter: IS_LIVE, attributes: LISTED_ATTRIBUTES, toRow: fromListedItem, firstPage };
    const { rows, next } = await this.listed(provider, page, wanted);
    const damaged = rows.flatMap((row) => (isDamaged(row) ? [row.name] : []));
    return {
      credentials: rows.flatMap((row) => (isDamaged(row) ? [] : [row])),
      ...(damaged.length > 0 && { damaged }),
      ...(next !== undefined && { next }),
    };
  }

  async listDeleted(provider: string, page: ListedPage): Promise<DeletedPage> {
    // Most rows are live, so that the first read finds few of them, however large it is.
    const firstPage = SHARD_PAGE;
    const wanted = { filter: HOLDS_PREVIOUS, attributes: DELETED_ATTRIBUTES, toRow: fromDeletedItem, firstPage };
    const { rows, next } = await this.listed(provider, page, wanted);
    const damaged = rows.flatMap((row) => (isRestorable(row) ? [] : [row.name]));
    return {
      deleted: rows.flatMap((row) => (isRestorable(row) ? [row] : [])),
      ...(damaged.length > 0 && { damaged }),
      ...(next !== undefined && { next }),
    };
  }

  put(record: StoredRow & { readonly write_id: string }, read: ReadRow | undefined): Promise<WriteResult> {
    const input = { TableName: this.table, Item: toCredentialItem(record), ...conditionOn(read) };
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: isStill(read),
      send: () => this.documents.put(input),
      read: async () => (await this.read(record.provider, record.name, true)) as StoredVersion | undefined,
    });
  }

  async hasAny(provider: string): Promise<boolean> {
    const counts = credentialShards(provider).map(async (shard) => {
      const page = this.documents.query({
        TableName: this.table,
        ...inShard(shard),
        ConsistentRead: true,
        Select: 'COUNT',
        Limit: 1,
      });
      return (await orUnavailable(page)).count;
    });
    return (await Promise.all(counts)).some((count) => count !== 0);
  }

  private read(provider: string, name: string, consistent: boolean): Promise<unknown> {
    const item = this.documents.get({
      TableName: this.table,
      Key: { provider_shard: credentialShard(provider, name), name },
      ConsistentRead: consistent,
    });
    return orUnavailable(item);
  }

  private async listed<Row extends object>(
    provider: string,
    { after, limit, consistent }: ListedPage,
    { filter, attributes, toRow, firstPage }: Wanted<Row>,
  ): Promise<{ rows: readonly Row[]; next: string | undefined }> {
    const shards = credentialShards(provider).map((shard): ReadShard<Row> => async (readTo) => {
      const { ExpressionAttributeNames: names, ...place } = inShard(shard, readTo ?? after);
      const page = this.documents.query({
        TableName: this.table,
        ...place,
        ProjectionExpression: attributes.ProjectionExpression,
        ExpressionAttributeNames: { ...names, ...attributes.names },
        FilterExpression: filter,
        ConsistentRead: consistent,
        Limit: readTo === undefined ? firstPage : SHARD_PAGE,
      });
      const { items, lastKey } = await orUnavailable(page);
      return {
        items: items.map((item) => {
          const name = keyOf(item, 'name');
          return { key: name, value: toRow(provider, name, item) };
        }),
        readTo: lastKey?.['name']?.S,
      };
    });
    const { items, readTo } = await mergeShards(shards, { order: 'ascending', limit, maxReads: MAX_READS });
    return { rows: items.map(({ value }) => value), next: readTo };
  }
}

/** Whether a row can be restored; an edited previous value may be missing in the projection. */
const isRestorable = (row: DeletedCredential | DamagedCredential): row is DeletedCredential =>
  !isDamaged(row) && row.previous !== undefined && !isPreviousDamaged(row.previous);

/** The condition that the row was not written since the read. */
function conditionOn(read: ReadRow | undefined): Pick<PutInput, 'ConditionExpression' | 'ExpressionAttributeValues'> {
  if (read === undefined) return { ConditionExpression: NAME_NEVER_USED };
  const { write_id: writeId, revision } = read;
  return writeId === undefined
    ? {
        ConditionExpression: LOST_AS_READ,
        ExpressionAttributeValues: { ':expected': revision, ':text': 'S', ':empty': '' },
      }
    : { ConditionExpression: WRITE_AS_READ, ExpressionAttributeValues: { ':expected': writeId } };
}

/** The same condition, for a row that was read later. */
const isStill =
  (read: ReadRow | undefined) =>
  (stored: StoredVersion | undefined): boolean => {
    if (read === undefined || stored === undefined) return read === stored;
    const { write_id: writeId } = stored;
    if (read.write_id !== undefined) return writeId === read.write_id;
    return stored.revision === read.revision && (typeof writeId !== 'string' || writeId === '');
  };
