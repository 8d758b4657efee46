import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  PutCommand,
  ScanCommand,
  type DynamoDBDocumentClient,
  type PutCommandInput,
  type ScanCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { KeysetRecord } from '../../core/domain/dek-keyset';
import type { KeysetScanner, StoredKeyset } from '../../core/ports/keyset-scanner';
import type { KeysetStore } from '../../core/ports/keyset-store';
import type { WriteResult } from '../../core/ports/write-result';
import { stillAtRevision, writeConditionally } from './conditional-write';
import { toDocumentClient } from './document-client';
import { orUnavailable } from './store-unavailable';

const NO_RECORD_YET = 'attribute_not_exists(provider)';
const REVISION_AS_READ = 'revision = :expected';

/** One region's keysets. The record is the item: every member, also one that this release does not know, comes back as it was written. */
export class DynamoDBKeysetStore implements KeysetStore, KeysetScanner {
  readonly region: string;
  private readonly documents: DynamoDBDocumentClient;
  private readonly table: string;

  constructor(config: { client: DynamoDBClient; table: string; region: string }) {
    this.region = config.region;
    this.table = config.table;
    this.documents = toDocumentClient(config.client);
  }

  async get(provider: string): Promise<unknown> {
    const command = new GetCommand({ TableName: this.table, Key: { provider }, ConsistentRead: true });
    return (await orUnavailable(this.documents.send(command))).Item;
  }

  /** A page may be empty and have another one behind it (API_Scan, LastEvaluatedKey). */
  async all(): Promise<readonly StoredKeyset[]> {
    const rows: StoredKeyset[] = [];
    let start: ScanCommandInput['ExclusiveStartKey'];
    do {
      const command = new ScanCommand({
        TableName: this.table,
        ConsistentRead: true,
        ...(start !== undefined && { ExclusiveStartKey: start }),
      });
      const { Items = [], LastEvaluatedKey } = await orUnavailable(this.documents.send(command));
      rows.push(...Items.map((value) => ({ provider: String(value['provider']), value })));
      start = LastEvaluatedKey;
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
    condition: Pick<PutCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>,
  ): Promise<WriteResult> {
    const command = new PutCommand({ TableName: this.table, Item: record, ...condition });
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: stillAtRevision(expectedRevision),
      send: () => this.documents.send(command),
      read: async () => (await this.get(record.provider)) as KeysetRecord | undefined,
    });
  }
}
