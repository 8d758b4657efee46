import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KeysetRecord } from '../../../core/keysets/keyset-record';
import type { KeysetScanner, StoredKeyset } from '../../../core/keysets/ports/keyset-scanner';
import type { KeysetStore } from '../../../core/keysets/ports/keyset-store';
import type { WriteResult } from '../../../core/ports/write-result';
import { stillAtRevision, writeConditionally } from './conditional-write';
import { toDocumentClient, type DocumentClient, type PutInput, type QueryPage } from './document-client';
import { orUnavailable } from './store-unavailable';
import { keyOf } from './stored-value';

const NO_RECORD_YET = 'attribute_not_exists(provider)';
const REVISION_AS_READ = 'revision = :expected';

/** One region's keysets. The record is the item: every member, also of another release, is read as it was written. */
export class DynamoDBKeysetStore implements KeysetStore, KeysetScanner {
  readonly region: string;
  private readonly documents: DocumentClient;
  private readonly table: string;

  constructor(config: { client: DynamoDBClient; table: string; region: string }) {
    this.region = config.region;
    this.table = config.table;
    this.documents = toDocumentClient(config.client);
  }

  get(provider: string): Promise<unknown> {
    return orUnavailable(this.documents.get({ TableName: this.table, Key: { provider }, ConsistentRead: true }));
  }

  /** An empty page may have a next one (API_Scan, LastEvaluatedKey). */
  async all(): Promise<readonly StoredKeyset[]> {
    const rows: StoredKeyset[] = [];
    let start: QueryPage['lastKey'];
    do {
      const page = this.documents.scan({
        TableName: this.table,
        ConsistentRead: true,
        ...(start !== undefined && { ExclusiveStartKey: start }),
      });
      const { items, lastKey } = await orUnavailable(page);
      rows.push(...items.map((value) => ({ provider: keyOf(value, 'provider'), value })));
      start = lastKey;
    } while (start !== undefined);
    return rows;
  }

  create(record: KeysetRecord): Promise<WriteResult> {
    return this.put(record, 0, { ConditionExpression: NO_RECORD_YET });
  }

  replace(record: KeysetRecord, expectedRevision: number): Promise<WriteResult> {
    return this.put(record, expectedRevision, {
      ConditionExpression: REVISION_AS_READ,
      ExpressionAttributeValues: { ':expected': expectedRevision },
    });
  }

  private put(
    record: KeysetRecord,
    expectedRevision: number,
    condition: Pick<PutInput, 'ConditionExpression' | 'ExpressionAttributeValues'>,
  ): Promise<WriteResult> {
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: stillAtRevision(expectedRevision),
      send: () => this.documents.put({ TableName: this.table, Item: record, ...condition }),
      read: async () => (await this.get(record.provider)) as KeysetRecord | undefined,
    });
  }
}
