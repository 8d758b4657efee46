import { KeywardError } from '../errors/errors';
import type { DekVersionState } from '../keysets/keyset-record';

export const VERSION_RETIRED = 'the grace period of this key version is over; rewrap the token first';

/**
 * Refuses to decrypt under a version whose grace period is over. Only for a token that has opened: any other gets
 * `decryption_failed`, whatever the state of its version.
 *
 * @throws KeywardError `key_version_retired`
 */
export function refuseRetiredVersion(state: DekVersionState): void {
  if (state === 'rewrap_only') throw new KeywardError('key_version_retired', VERSION_RETIRED);
}
