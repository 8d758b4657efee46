import {
  credentialContext,
  credentialDamaged,
  isDamaged,
  isPreviousDamaged,
  isTombstone,
  type CredentialMetadata,
  type CredentialRecord,
  type PreviousPlace,
  type StoredPreviousValue,
  type StoredRow,
} from './credential';
import { dekVersion } from '../keysets/dek-keyset';
import type { KeysetRecord } from '../keysets/keyset-record';
import { decryptionFailed, KeywardError } from '../errors/errors';
import type { WhichValue } from './held-values';
import { openToken, parseToken } from '../crypto/token';
import type { KeysetAccess } from '../keysets/keyset-access';

/** One value of a row, and its place. */
interface SealedValue {
  readonly provider: string;
  readonly name: string;
  readonly ciphertext: string;
  readonly metadata: CredentialMetadata;
  /** Of a previous value. */
  readonly previous?: PreviousPlace;
}

/**
 * Opens a stored credential under the version that it names, as long as that key exists: states gate tokens alone.
 *
 * @param home the keyset of home, if it was just read: a version that it lacks needs no second read there
 * @returns the API key
 * @throws KeywardError `credential_damaged` if the row does not open in its place; `keys_unavailable`
 */
export const openCredential = (
  keysets: KeysetAccess,
  { provider, name, ciphertext, metadata }: CredentialRecord,
  home?: KeysetRecord,
): Promise<string> => openValue(keysets, { provider, name, ciphertext, metadata }, home);

/** As {@link openCredential}, for the previous value. */
export function openPrevious(
  keysets: KeysetAccess,
  { provider, name }: { readonly provider: string; readonly name: string },
  previous: StoredPreviousValue,
  home?: KeysetRecord,
): Promise<string> {
  if (isPreviousDamaged(previous)) return Promise.reject(credentialDamaged());
  const { ciphertext, metadata } = previous;
  return openValue(keysets, { provider, name, ciphertext, metadata, previous }, home);
}

/**
 * Opens one of the values of a row.
 *
 * @throws KeywardError `credential_damaged` if there is no such value or it does not open in its place; `keys_unavailable`
 */
export function openHeld(
  keysets: KeysetAccess,
  row: StoredRow,
  which: WhichValue,
  home: KeysetRecord,
): Promise<string> {
  if (which === 'previous') {
    const { previous } = row;
    return previous === undefined ? Promise.reject(credentialDamaged()) : openPrevious(keysets, row, previous, home);
  }
  return isDamaged(row) || isTombstone(row) ? Promise.reject(credentialDamaged()) : openCredential(keysets, row, home);
}

async function openValue(keysets: KeysetAccess, value: SealedValue, home: KeysetRecord | undefined): Promise<string> {
  const { provider, name, ciphertext, metadata, previous } = value;
  try {
    const token = parseToken(ciphertext);
    if (home !== undefined && dekVersion(home, token.version) === undefined) throw decryptionFailed('unknown_version');
    const { dek } = await keysets.forOpening(provider, token.version);
    return openToken(dek, credentialContext(provider, name, metadata, previous), token);
  } catch (thrown) {
    if (!(thrown instanceof KeywardError) || thrown.code !== 'decryption_failed') throw thrown;
    throw credentialDamaged(thrown.reason);
  }
}

/**
 * Returns the API key of a value, or why it does not open.
 *
 * @param opening result of {@link openCredential} or {@link openPrevious}
 * @returns the key, or the error `credential_damaged`
 * @throws KeywardError `keys_unavailable`
 */
export async function tryOpen(
  opening: Promise<string>,
): Promise<{ readonly apiKey: string } | { readonly damaged: KeywardError }> {
  try {
    return { apiKey: await opening };
  } catch (thrown) {
    if (thrown instanceof KeywardError && thrown.code === 'credential_damaged') return { damaged: thrown };
    throw thrown;
  }
}
