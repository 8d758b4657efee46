import { credentialContext, credentialDamaged, type CredentialRecord } from './credential';
import { dekVersion } from '../keysets/dek-keyset';
import type { KeysetRecord } from '../keysets/keyset-record';
import { decryptionFailed, KeywardError } from '../errors/errors';
import { openToken, parseToken } from '../crypto/token';
import type { KeysetAccess } from '../keysets/keyset-access';

/**
 * Opens a stored credential under whichever version it names, as long as that key exists: states gate tokens alone.
 *
 * @param home the keyset as home has it, for those who have just read it: a version that it does not have needs no second look there
 * @returns the API key
 * @throws KeywardError `credential_damaged` where the row does not open in its place; `keys_unavailable`
 */
export async function openCredential(
  keysets: KeysetAccess,
  record: CredentialRecord,
  home?: KeysetRecord,
): Promise<string> {
  try {
    const token = parseToken(record.ciphertext);
    if (home !== undefined && dekVersion(home, token.version) === undefined) throw decryptionFailed('unknown_version');
    const { dek } = await keysets.forOpening(record.provider, token.version);
    return openToken(dek, credentialContext(record.provider, record.name, record.metadata), token);
  } catch (thrown) {
    if (!(thrown instanceof KeywardError) || thrown.code !== 'decryption_failed') throw thrown;
    throw credentialDamaged(thrown.reason);
  }
}

/**
 * As {@link openCredential}, for those who go through all of them.
 *
 * @returns undefined where the row does not open
 * @throws KeywardError `keys_unavailable`
 */
export async function tryOpenCredential(
  keysets: KeysetAccess,
  home: KeysetRecord,
  record: CredentialRecord,
): Promise<string | undefined> {
  try {
    return await openCredential(keysets, record, home);
  } catch (thrown) {
    if (thrown instanceof KeywardError && thrown.code === 'credential_damaged') return undefined;
    throw thrown;
  }
}
