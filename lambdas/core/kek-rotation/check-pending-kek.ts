import { verifyKeyset } from '../keysets/dek-keyset';
import type { KeysetRecord } from '../keysets/keyset-record';
import { KeywardError } from '../errors/errors';
import type { FailureReason } from '../errors/failure-reason';
import type { Kek, KekKeyset, KekRecord, KekSecretRecord } from '../crypto/kek-keyset';
import { kekIdsDropped, mayLeave } from './next-kek-secret';
import type { Randomness } from '../crypto/randomness';
import { unwrapDek, wrapNewDek } from '../crypto/wrapped-dek';
import type { StoredKeyset } from '../keysets/ports/keyset-scanner';
import type { Metrics } from '../ports/metrics';

/** Why a pending KEK secret can never become current. A new rotation is needed, not a retry. */
export class UnfitKekSecret extends Error {
  override readonly name = 'UnfitKekSecret';

  constructor(
    message: string,
    readonly reason?: FailureReason,
  ) {
    super(message);
  }
}

/** A KEK secret, read and parsed. */
export interface KekSecretVersion {
  readonly record: KekSecretRecord;
  readonly keyset: KekKeyset;
}

/**
 * Checks that a pending KEK secret may replace the current one: it has all of its KEKs but those that may leave, opens every
 * keyset that the current one opens, and its new primary wraps and unwraps.
 *
 * @param stored all keysets of all regions, also of providers that are not configured
 * @param current undefined if AWSCURRENT is the placeholder of a new deployment
 * @throws UnfitKekSecret if it may not
 */
export function checkPendingKek(
  pending: KekSecretVersion,
  current: KekSecretVersion | undefined,
  stored: readonly StoredKeyset[],
  deps: { randomness: Randomness; metrics: Metrics; now: number },
): void {
  trialWrap(pending.keyset.primary, deps.randomness);
  if (current === undefined) return;
  if (Object.hasOwn(current.record.keys, pending.record.primary)) throw new UnfitKekSecret('the primary is not new');
  for (const id of kekIdsDropped(current.record, pending.record)) {
    if (!mayLeave(current.record.keys[id] as KekRecord, deps.now)) throw new UnfitKekSecret('a KEK is missing');
  }
  for (const [id, kek] of Object.entries(current.record.keys)) {
    const kept = pending.record.keys[id];
    if (kept !== undefined && kept.material !== kek.material) throw new UnfitKekSecret('a KEK was replaced');
  }
  for (const { provider, value } of stored) {
    const record = opens(value, provider, current.keyset);
    if (record === undefined) deps.metrics.count('keyset_damaged');
    else if (opens(value, provider, pending.keyset) === undefined) throw new UnfitKekSecret('a keyset would not open');
  }
}

/**
 * Returns the record if its MAC holds and every version unwraps. A record that was damaged before raises an alarm and blocks
 * nothing.
 */
function opens(value: unknown, provider: string, keks: KekKeyset): KeysetRecord | undefined {
  try {
    const record = verifyKeyset(value, provider, keks);
    // The record was verified, so its KEK is in the keyset.
    const kek = keks.keks.get(record.kek_id) as Kek;
    for (const [number, { encrypted_dek: wrapped }] of Object.entries(record.versions)) {
      if (wrapped !== undefined) unwrapDek(kek, provider, Number(number), wrapped);
    }
    return record;
  } catch (thrown) {
    if (thrown instanceof KeywardError) return undefined;
    throw thrown;
  }
}

function trialWrap(kek: Kek, randomness: Randomness): void {
  unwrapDek(kek, 'trial', 1, wrapNewDek(kek, 'trial', 1, randomness));
}

/** Ids of the KEKs that stored keysets refer to, damaged or not: a record keeps the KEK that it names. */
export function referencedKekIds(stored: readonly StoredKeyset[]): ReadonlySet<string> {
  return new Set(stored.map(kekIdOf).filter((id) => typeof id === 'string'));
}

/**
 * The keysets that name no KEK, or one that the secret lacks. Once repaired, such a record may need any KEK, so no KEK counts as
 * unneeded.
 */
export const keysetsWithoutKek = (
  stored: readonly StoredKeyset[],
  { keys }: KekSecretRecord,
): readonly StoredKeyset[] =>
  stored.filter((row) => {
    const id = kekIdOf(row);
    return typeof id !== 'string' || !Object.hasOwn(keys, id);
  });

const kekIdOf = ({ value }: StoredKeyset): unknown => (Object(value) as { kek_id?: unknown }).kek_id;
