import { createHash } from 'node:crypto';
import { isKeyShaped } from '../contract/key-shaped';
import { invalidRequest, KeywardError } from '../errors/errors';

const SHOWN_DIGITS = 8;

/**
 * What is recorded and answered of a name under which nothing is stored, as far as is known: a name that is a key by its look was
 * given by mistake, and only the beginning of its SHA-256 (FIPS 180-4) is shown, by which its owner can find it. Any other
 * stands as it is. A name under which something is stored is in the lists anyway.
 */
export const recordedName = (name: string): string => (isKeyShaped(name) ? fingerprintOf(name) : name);

const fingerprintOf = (name: string): string =>
  `sha256:${createHash('sha256').update(name, 'utf8').digest('hex').slice(0, SHOWN_DIGITS)}`;

/** The one answer to a name under which nothing is stored. */
export const credentialNotFound = (name: string): KeywardError =>
  new KeywardError(
    'credential_not_found',
    isKeyShaped(name)
      ? `there is no credential of this name, which is an API key by its look (${fingerprintOf(name)})`
      : 'there is no credential of this name',
  );

/**
 * Refuses to create a credential under a name that is a key by its look.
 *
 * @throws KeywardError `invalid_request`
 */
export function checkNewName(name: string): void {
  if (!isKeyShaped(name)) return;
  throw invalidRequest(
    `name: is an API key by its look, and would stand in clear in lists and in the audit log (${fingerprintOf(name)})`,
  );
}
