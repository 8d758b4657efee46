import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { writeConditionally, type StoredVersion } from '../../../lambdas/adapters/aws/dynamodb/conditional-write';
import type { WriteResult } from '../../../lambdas/core/ports/write-result';
import { asStored } from './as-stored';
import type { Table } from './table';

/** Common members of all records that are written with a condition; a damaged row may have lost its revision. */
export interface Versioned {
  readonly revision?: number;
  readonly write_id: string;
}

/** The condition that nothing is stored (0), or a record with the revision that was read. */
export const asRead =
  (revision: number) =>
  (stored: StoredVersion | undefined): boolean =>
    revision === 0 ? stored === undefined : stored?.revision === revision;

/** The adapters' own protocol for conditional writes, over a table whose calls may fail. */
export function putConditionally<V extends object>(
  table: Table<V>,
  key: string,
  record: V & Versioned,
  isUnchanged: (stored: StoredVersion | undefined) => boolean,
): Promise<WriteResult> {
  return writeConditionally({
    writeId: record.write_id,
    isUnchanged,
    send: () =>
      table.write(`put ${key} ${record.revision}`, (rows) => {
        if (!isUnchanged(rows.get(key))) {
          throw new ConditionalCheckFailedException({ message: '', $metadata: { attempts: 1 } });
        }
        rows.set(key, asStored(record));
      }),
    read: () => table.read(`get ${key}`, (rows) => rows.get(key)),
  });
}
