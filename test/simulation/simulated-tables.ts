import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import type { StoredRow } from '../../lambdas/core/credentials/credential';
import { heldValues, type HeldValue } from '../../lambdas/core/credentials/held-values';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { Shards } from '../doubles/stores/credential-scanner';
import { credentialsOf } from '../doubles/stores/credential-store';
import { noAnswer } from '../doubles/stores/no-answer';
import type { DekRotationItem } from '../doubles/stores/dek-rotation-store';
import type { Rows, Table } from '../doubles/stores/table';
import { HOME, REGIONS } from './regions';
import { ReplicatedTable, type ReplicationLag } from './replicated-table';
import type { SimulatedProcess } from './simulated-process';
import type { Network } from './network';
import type { Scheduler } from './scheduler';

/** All tables of a deployment. */
export interface SimulatedTables {
  readonly keysets: ReplicatedTable<KeysetRecord>;
  readonly credentials: ReplicatedTable<StoredRow>;
  readonly audit: ReplicatedTable<AuditEvent>;
  readonly rotations: ReplicatedTable<DekRotationItem>;
  /** Providers that ever had a keyset. */
  readonly used: Set<string>;
  /** The lagging index of key versions: by credential, the version of its oldest value. */
  readonly index: Map<string, number>;
}

export const createTables = (deps: {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly lag: ReplicationLag;
}): SimulatedTables => ({
  keysets: new ReplicatedTable(REGIONS, deps),
  credentials: new ReplicatedTable(REGIONS, deps),
  audit: new ReplicatedTable(REGIONS, deps),
  rotations: new ReplicatedTable([HOME], deps),
  used: new Set(),
  index: new Map(),
});

/** One table as a process reaches it in one region: a call for each read, and for each attempt at a write. */
export const tableIn = <V>(
  process: SimulatedProcess,
  table: ReplicatedTable<V>,
  region: string,
  name: string,
): Table<V> => {
  const rows: Rows<V> = {
    get: (key) => table.get(region, key),
    entries: () => table.entries(region),
    set: (key, value) => {
      table.write(region, key, value);
    },
  };
  const call = <T>(what: string, take: (rows: Rows<V>) => T): Promise<T> =>
    process.call(region, `${name}.${what}`, () => take(rows), noAnswer);
  return { read: call, write: call };
};

/** Every value of a provider's credentials in a region, previous ones included, with its version. */
export const valuesOf = (
  table: ReplicatedTable<StoredRow>,
  region: string,
  provider: string,
): readonly (HeldValue & { readonly name: string })[] =>
  credentialsOf({ entries: () => table.entries(region) }, provider).flatMap((row) =>
    heldValues(row).map((value) => ({ ...value, name: row.name })),
  );

/** The shard of a name; the adapter's own rule has 16 shards. */
export const shardsOf = (count: number): Shards => ({
  count,
  of: (name) => Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7) % count,
});
