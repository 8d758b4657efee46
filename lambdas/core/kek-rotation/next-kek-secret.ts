import { newKekSecretRecord, type KekRecord, type KekSecretRecord } from '../crypto/kek-keyset';
import { KEK_RETENTION_MS } from '../contract/protocol-times';
import type { Randomness } from '../crypto/randomness';

/**
 * The next value of the KEK secret: a new primary and all KEKs that are still needed. Members of a later release, of the secret
 * or of a KEK, stay.
 *
 * @param current the value of AWSCURRENT, or undefined for the placeholder of a new deployment
 * @param parentVersionId the secret version that `current` was read from
 * @param referenced ids of all KEKs that a keyset of any region refers to; undefined if a region could not be read: then no KEK
 *   leaves, and none starts to count as unreferenced
 */
export function nextKekSecret(
  current: KekSecretRecord | undefined,
  parentVersionId: string,
  referenced: ReadonlySet<string> | undefined,
  now: number,
  randomness: Randomness,
): KekSecretRecord {
  const fresh = newKekSecretRecord(randomness, now);
  const kept = Object.entries(current?.keys ?? {})
    .map(([id, kek]) => [id, retire(kek, referenced?.has(id), now)] as const)
    .filter(([, kek]) => referenced === undefined || !mayLeave(kek, now));
  return {
    ...current,
    ...fresh,
    parent_version_id: parentVersionId,
    keys: { ...Object.fromEntries(kept), ...fresh.keys },
  };
}

/** The KEKs of `current` that `next` lacks: each must be past its retention and unreferenced when checked again. */
export const kekIdsDropped = (current: KekSecretRecord, next: KekSecretRecord): readonly string[] =>
  Object.keys(current.keys).filter((id) => !Object.hasOwn(next.keys, id));

/**
 * Makes a non-primary KEK record. `unreferenced_since` is when it was first seen that no keyset refers to it; removed when one
 * does.
 */
function retire(kek: KekRecord, isReferenced: boolean | undefined, now: number): KekRecord {
  const { unreferenced_since: since, ...rest } = kek;
  const retired: KekRecord = {
    ...rest,
    state: 'unwrap_only',
    retired_at: kek.retired_at ?? new Date(now).toISOString(),
  };
  if (isReferenced === true) return retired;
  if (isReferenced === undefined) return since === undefined ? retired : { ...retired, unreferenced_since: since };
  return { ...retired, unreferenced_since: since ?? new Date(now).toISOString() };
}

/** Whether a KEK has been unused for as long as a backup may need it; false for the primary. */
export const mayLeave = (kek: KekRecord, now: number): boolean =>
  kek.state !== 'primary' &&
  kek.unreferenced_since !== undefined &&
  kek.retired_at !== undefined &&
  now - Date.parse(kek.unreferenced_since) >= KEK_RETENTION_MS &&
  now - Date.parse(kek.retired_at) >= KEK_RETENTION_MS;
