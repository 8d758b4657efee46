import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import type { KeysetScanner } from '../../../lambdas/core/keysets/ports/keyset-scanner';
import type { KeysetStore } from '../../../lambdas/core/keysets/ports/keyset-store';
import { asRead, putConditionally } from './put-conditionally';
import type { Table } from './table';

/** Keysets in a table of one region, by provider. */
export const keysetStore = (table: Table<KeysetRecord>, region: string): KeysetStore & KeysetScanner => ({
  region,
  get: (provider) => table.read(`get ${provider}`, (rows) => rows.get(provider)),
  all: () => table.read('scan', (rows) => Array.from(rows.entries(), ([provider, value]) => ({ provider, value }))),
  create: (record) => putConditionally(table, record.provider, record, asRead(0)),
  replace: (record, expectedRevision) => putConditionally(table, record.provider, record, asRead(expectedRevision)),
});
