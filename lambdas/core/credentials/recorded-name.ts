import { isKeyShaped } from '../contract/key-shaped';
import { nameFingerprint } from '../crypto/name-fingerprint';
import { invalidRequest, KeywardError } from '../errors/errors';

/**
 * The form in which a name without a known credential is recorded and answered. A name that looks like an API key was given by
 * mistake, so only the beginning of its SHA-256 (FIPS 180-4) is shown, by which its owner can find it. Any other name is shown as
 * it is.
 */
export const recordedName = (name: string): string => (isKeyShaped(name) ? nameFingerprint(name) : name);

export const NO_CREDENTIAL = 'there is no credential of this name';

/** The only error for a name without a credential. */
export const credentialNotFound = (name: string): KeywardError =>
  new KeywardError(
    'credential_not_found',
    isKeyShaped(name)
      ? `there is no credential of this name, which looks like an API key (${nameFingerprint(name)})`
      : NO_CREDENTIAL,
  );

/**
 * Refuses to create a credential whose name looks like an API key.
 *
 * @throws KeywardError `invalid_request`
 */
export function checkNewName(name: string): void {
  if (!isKeyShaped(name)) return;
  throw invalidRequest(
    `name: looks like an API key, and would be in plaintext in lists and in the audit log (${nameFingerprint(name)})`,
  );
}
