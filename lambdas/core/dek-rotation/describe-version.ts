import { dekVersion, parseKeyset } from '../keysets/dek-keyset';
import type { Destruction } from '../keysets/keyset-record';
import { destructionDue } from './when-version-may-be-destroyed';
import { keysUnavailable, unknownVersion } from '../errors/errors';
import type { KeysetReader } from '../keysets/ports/keyset-store';
import { versionViewOf, type KeyVersionView } from '../keysets/key-version-view';

/** The API's view of a version and its destruction. Times are ISO 8601 in UTC. */
export interface VersionDestructionView extends Omit<KeyVersionView, 'destruction'> {
  readonly provider: string;
  readonly destruction: Destruction | null;
  /**
   * The later of the window's end and the time from which no restorable copy needs the version; null if no destruction is
   * scheduled or a stored credential may still be under it.
   */
  readonly destroyable_at: string | null;
}

/** Shows a version of the home region's keyset.
 *
 * @throws KeywardError `invalid_request` for a version that does not exist; `keys_unavailable`, `store_unavailable`
 */
export const createDescribeVersion =
  (deps: { keysets: KeysetReader }) =>
  async ({ provider, version }: { provider: string; version: number }): Promise<VersionDestructionView> => {
    const value = await deps.keysets.get(provider);
    if (value === undefined) throw keysUnavailable('keyset_missing');
    const record = parseKeyset(value, provider);
    const entry = dekVersion(record, version);
    if (entry === undefined) throw unknownVersion(record);
    const due = destructionDue(entry);
    return {
      provider,
      ...versionViewOf(version, entry),
      destruction: entry.destruction ?? null,
      destroyable_at: due === undefined ? null : new Date(due).toISOString(),
    };
  };
