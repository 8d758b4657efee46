import type { DekVersionRecord, DekVersionState, Destruction } from './keyset-record';

/** What the API shows of a version of a DEK: no key material. Times are ISO 8601 in UTC, each there once it is set. */
export interface KeyVersionView {
  readonly version: number;
  readonly state: DekVersionState;
  readonly created_at: string;
  readonly promoted_at?: string;
  readonly superseded_at?: string;
  readonly grace_until?: string;
  readonly retired_at?: string;
  readonly unreferenced_since?: string;
  readonly destruction?: Destruction;
  readonly destroyed_at?: string;
}

/** Of a version what anybody may see: everything but its key. */
export const versionViewOf = (version: number, entry: DekVersionRecord): KeyVersionView => {
  const { state, created_at, promoted_at, superseded_at, grace_until } = entry;
  const { retired_at, unreferenced_since, destruction, destroyed_at } = entry;
  const set = { promoted_at, superseded_at, grace_until, retired_at, unreferenced_since, destruction, destroyed_at };
  return {
    version,
    state,
    created_at,
    ...(Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)) as Partial<KeyVersionView>),
  };
};
