import type { AuditMetadata } from '../audit/audit-event';
import type { Dek } from '../crypto/dek';
import type { KeywardError } from '../errors/errors';
import type { KeysetAccess } from '../keysets/keyset-access';
import { credentialDamaged, isDamaged, type StoredPreviousValue } from './credential';
import { liveOf, type ReplaceableCredential } from './credential-view';
import { openCredential, tryOpen } from './open-credential';
import { isExpired, sealPrevious } from './previous-value';
import type { SealingDependencies } from './seal-current';

/** The API key of the value that a change replaces, or why it does not open; undefined if there is none. */
export type OpenedCurrent = { readonly apiKey: string } | { readonly damaged: KeywardError } | undefined;

/** Opens the value that a change replaces.
 *
 * @throws KeywardError `keys_unavailable`
 */
export async function openCurrent(
  keysets: KeysetAccess,
  current: ReplaceableCredential | undefined,
): Promise<OpenedCurrent> {
  const live = liveOf(current);
  if (live === undefined) return undefined;
  return isDamaged(live) ? { damaged: credentialDamaged() } : tryOpen(openCredential(keysets, live));
}

/** The previous value after a change, and the events' metadata about it. */
export interface KeptPrevious {
  readonly previous: StoredPreviousValue | undefined;
  readonly noted: Pick<AuditMetadata, 'previous_value' | 'previous_revision'>;
}

/** Keeps the previous value as it is, unless it has expired. */
export function leavePrevious(
  deps: Pick<SealingDependencies, 'clock' | 'previousValueDays'>,
  current: ReplaceableCredential | undefined,
): KeptPrevious {
  const previous = current?.previous;
  const isKept = previous !== undefined && !isExpired(previous, deps.previousValueDays, deps.clock.now());
  return isKept ? { previous, noted: { previous_value: 'left' } } : { previous: undefined, noted: {} };
}

/**
 * Makes the current value the previous one, sealed anew. A value that does not open is not kept and does not displace an older
 * previous value.
 *
 * @param opened result of {@link openCurrent}
 * @param dek returns the DEK to seal under; called only if there is something to keep
 */
export async function keepCurrentAsPrevious(
  deps: SealingDependencies,
  current: ReplaceableCredential | undefined,
  opened: OpenedCurrent,
  dek: () => Promise<Dek>,
): Promise<KeptPrevious> {
  const live = liveOf(current);
  if (deps.previousValueDays === 0 || live === undefined || opened === undefined) return leavePrevious(deps, current);
  if (isDamaged(live) || 'damaged' in opened) {
    return { previous: leavePrevious(deps, current).previous, noted: { previous_value: 'lost' } };
  }
  const sealing = { dek: await dek(), randomness: deps.randomness, now: deps.clock.now() };
  return {
    previous: sealPrevious(sealing, live, opened.apiKey),
    noted: { previous_value: 'kept', previous_revision: live.revision },
  };
}
