import { CURRENT, PENDING, PREVIOUS } from '../../../lambdas/core/contract/secret-stages';
import type { FirstKekVersion } from '../../../lambdas/core/kek-move/ports/first-kek-version';
import type { KekSecretReplica, KekSecretStore } from '../../../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { PendingKek } from '../../../lambdas/core/kek-rotation/ports/pending-kek';
import { noAnswer } from './no-answer';
import type { Rows, Table } from './table';

/** Everything that one home of the KEK holds. */
export interface KekHomeState {
  readonly values: Readonly<Record<string, string>>;
  readonly current?: string | undefined;
  readonly previous?: string | undefined;
  readonly pending?: string | undefined;
  readonly tries: number;
}

const KEY = 'secret';
const EMPTY: KekHomeState = { values: {}, tries: 0 };

/** A home of the KEK in one row, each of whose operations is one call. */
export function kekHome(
  table: Table<KekHomeState>,
  region: string,
): KekSecretStore & KekSecretReplica & FirstKekVersion & PendingKek {
  const read = <T>(what: string, take: (state: KekHomeState) => T): Promise<T> =>
    table.read(what, (rows) => take(rows.get(KEY) ?? EMPTY));
  const write = <T>(what: string, take: (state: KekHomeState, set: (next: KekHomeState) => void) => T): Promise<T> =>
    table.write(what, (rows: Rows<KekHomeState>) =>
      take(rows.get(KEY) ?? EMPTY, (next) => {
        rows.set(KEY, next);
      }),
    );
  return {
    region,
    versions: () =>
      read('versions', ({ current, previous, pending }) => {
        const labels = [
          [current, CURRENT],
          [previous, PREVIOUS],
          [pending, PENDING],
        ] as const;
        const ids = new Set(labels.flatMap(([id]) => id ?? []));
        return [...ids].map((versionId) => ({
          versionId,
          stages: labels.filter(([id]) => id === versionId).map(([, stage]) => stage),
        }));
      }),
    value: (versionId) => read(`value ${versionId}`, ({ values }) => values[versionId]),
    current: () =>
      read('current', ({ current, values }) => {
        const value = values[current ?? ''];
        if (current === undefined || value === undefined) throw noAnswer();
        return { versionId: current, value };
      }),
    createFirst: (versionId, value) =>
      write('createFirst', ({ current }, set) => {
        if (current !== undefined) return false;
        set({ values: { [versionId]: value }, current: versionId, tries: 0 });
        return true;
      }),
    putPending: (versionId, value) =>
      write('putPending', (state, set) => {
        const stored = state.values[versionId];
        if (stored !== undefined) return stored === value ? 'stored' : 'exists';
        const tries = state.pending === versionId ? state.tries : 0;
        set({ ...state, values: { ...state.values, [versionId]: value }, pending: versionId, tries });
        return 'stored';
      }),
    moveCurrent: (from, to) =>
      write('moveCurrent', (state, set) => {
        if (state.current !== from || state.values[to] === undefined) return 'refused';
        set({ ...state, current: to, previous: from });
        return 'moved';
      }),
    removePending: (versionId) =>
      write('removePending', (state, set) => {
        if (state.pending === versionId) set({ ...state, pending: undefined });
      }),
    begin: (versionId) =>
      write('begin', (state, set) => {
        if (state.pending !== undefined && state.pending !== state.current) return 'pending';
        set({ ...state, pending: versionId, tries: 0 });
        return 'begun';
      }),
    tries: (versionId) => read('tries', (state) => (state.pending === versionId ? state.tries : undefined)),
    countTry: (versionId) =>
      write('countTry', (state, set) => {
        if (state.pending !== versionId) return undefined;
        set({ ...state, tries: state.tries + 1 });
        return state.tries + 1;
      }),
  };
}
