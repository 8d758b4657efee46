import type { KekMoveRecord } from '../../../lambdas/core/kek-move/kek-move-record';
import type { KekMoveStore } from '../../../lambdas/core/kek-move/ports/kek-move-store';
import { asRead, putConditionally } from './put-conditionally';
import type { Table } from './table';

const KEY = 'kek-move';

/** The move of the KEK in one row. */
export const kekMoveStore = (table: Table<KekMoveRecord>): KekMoveStore => ({
  read: () => table.read(`get ${KEY}`, (rows) => rows.get(KEY)),
  put: (record, expectedRevision) => putConditionally(table, KEY, record, asRead(expectedRevision)),
});
