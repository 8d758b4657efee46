import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isRecord } from '../../../core/crypto/record-checks';
import { KeywardError } from '../../../core/errors/errors';
import { toKekMove, type KekMoveRecord } from '../../../core/kek-move/kek-move-record';
import type { KekMoveStore } from '../../../core/kek-move/ports/kek-move-store';
import type { WriteResult } from '../../../core/ports/write-result';
import { stillAtRevision, writeConditionally, type StoredVersion } from './conditional-write';
import { toDocumentClient, type DocumentClient } from './document-client';
import { NO_PROVIDER } from './dynamodb-tables';
import { orUnavailable } from './store-unavailable';

const NOT_THERE_YET = 'attribute_not_exists(#scope)';
const REVISION_AS_READ = 'revision = :expected';

/** The one row, which belongs to no provider. */
const KEY = { scope: NO_PROVIDER, item: 'kek-move' };

/** The move of the KEK, in the rotations table. */
export class DynamoDBKekMoveStore implements KekMoveStore {
  private readonly documents: DocumentClient;
  private readonly table: string;

  constructor(config: { client: DynamoDBClient; table: string }) {
    this.table = config.table;
    this.documents = toDocumentClient(config.client);
  }

  async read(): Promise<KekMoveRecord | undefined> {
    const value = await this.get();
    if (value === undefined) return undefined;
    const move = toKekMove(withoutKey(value));
    if (move === undefined) throw new KeywardError('conflict', 'the row of the move of the KEK was edited: restore it');
    return move;
  }

  put(record: KekMoveRecord, expectedRevision: number): Promise<WriteResult> {
    return writeConditionally({
      writeId: record.write_id,
      isUnchanged: stillAtRevision(expectedRevision),
      send: () =>
        this.documents.put({
          TableName: this.table,
          Item: { ...record, ...KEY },
          ...(expectedRevision === 0
            ? { ConditionExpression: NOT_THERE_YET, ExpressionAttributeNames: { '#scope': 'scope' } }
            : { ConditionExpression: REVISION_AS_READ, ExpressionAttributeValues: { ':expected': expectedRevision } }),
        }),
      read: async () => (await this.get()) as StoredVersion | undefined,
    });
  }

  private get(): Promise<unknown> {
    return orUnavailable(this.documents.get({ TableName: this.table, Key: KEY, ConsistentRead: true }));
  }
}

function withoutKey(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { scope: _scope, item: _item, ...record } = value;
  return record;
}
