import { isKeyShaped } from '../contract/key-shaped';
import { nameFingerprint } from '../crypto/name-fingerprint';
import { invalidRequest, KeywardError } from '../errors/errors';

/**
 * What is recorded and answered of a name under which nothing is stored, as far as is known: a name that is a key by its look was
 * given by mistake, and only the beginning of its SHA-256 (FIPS 180-4) is shown, by which its owner can find it. Any other
 * stands as it is. A name under which something is stored is in the lists anyway.
 */
export const recordedName = (name: string): string => (isKeyShaped(name) ? nameFingerprint(name) : name);

export const NO_CREDENTIAL = 'there is no credential of this name';

/** The one answer to a name under which nothing is stored. */
export const credentialNotFound = (name: string): KeywardError =>
  new KeywardError(
    'credential_not_found',
    isKeyShaped(name)
      ? `there is no credential of this name, which is an API key by its look (${nameFingerprint(name)})`
      : NO_CREDENTIAL,
  );

/**
 * Refuses to create a credential under a name that is a key by its look.
 *
 * @throws KeywardError `invalid_request`
 */
export function checkNewName(name: string): void {
  if (!isKeyShaped(name)) return;
  throw invalidRequest(
    `name: is an API key by its look, and would stand in clear in lists and in the audit log (${nameFingerprint(name)})`,
  );
}
