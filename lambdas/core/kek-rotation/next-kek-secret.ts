import { newKekSecretRecord, type KekRecord, type KekSecretRecord } from '../crypto/kek-keyset';
import { KEK_RETENTION_MS } from '../contract/protocol-times';
import type { Randomness } from '../crypto/randomness';

/**
 * The next value of the KEK secret: a fresh primary in front of all that is still needed. Members that a later release
 * added, to the whole or to a KEK, stay.
 *
 * @param current what AWSCURRENT holds, or undefined where it holds the placeholder of a new deployment
 * @param parentVersionId the secret version that `current` was read from
 * @param referenced ids of all KEKs that a keyset of any region refers to; undefined where a region did not say, and
 *   then no KEK leaves and none starts to count as unreferenced
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

/**
 * The KEKs of `current` that `next` no longer has: each must be past its time and unreferenced when asked again.
 */
export const kekIdsDropped = (current: KekSecretRecord, next: KekSecretRecord): readonly string[] =>
  Object.keys(current.keys).filter((id) => !Object.hasOwn(next.keys, id));

/** A non-primary KEK; `unreferenced_since` is when no keyset was first seen to refer to it, and goes when one does. */
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

/** Whether a KEK has been out of use for as long as a backup may need it; never so for the primary. */
export const mayLeave = (kek: KekRecord, now: number): boolean =>
  kek.state !== 'primary' &&
  kek.unreferenced_since !== undefined &&
  kek.retired_at !== undefined &&
  now - Date.parse(kek.unreferenced_since) >= KEK_RETENTION_MS &&
  now - Date.parse(kek.retired_at) >= KEK_RETENTION_MS;
