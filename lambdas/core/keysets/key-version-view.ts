import type { DekVersionRecord } from './keyset-record';

/** The API's view of a DEK version, without key material. Times are ISO 8601 in UTC, each present once it is set. */
export interface KeyVersionView extends Pick<
  DekVersionRecord,
  | 'state'
  | 'created_at'
  | 'promoted_at'
  | 'superseded_at'
  | 'grace_until'
  | 'retired_at'
  | 'unreferenced_since'
  | 'destruction'
  | 'destroyed_at'
> {
  readonly version: number;
}

/** The view of a version: everything but its key. */
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
