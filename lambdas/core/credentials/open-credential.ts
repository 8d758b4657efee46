import { credentialContext, credentialDamaged, type CredentialRecord } from './credential';
import { dekVersion } from '../keysets/dek-keyset';
import type { KeysetRecord } from '../keysets/keyset-record';
import { KeywardError, toKeywardError } from '../errors/errors';
import { openToken, parseToken } from '../crypto/token';
import type { KeysetAccess } from '../keysets/keyset-access';

/**
 * Opens a stored credential under whichever version it names, as long as that key exists: states gate tokens alone.
 *
 * @returns the API key
 * @throws KeywardError `credential_damaged` where the row does not open in its place; `keys_unavailable`
 */
export async function openCredential(keysets: KeysetAccess, record: CredentialRecord): Promise<string> {
  try {
    const token = parseToken(record.ciphertext);
    const { dek } = await keysets.forOpening(record.provider, token.version);
    return openToken(dek, credentialContext(record.provider, record.name, record.metadata), token);
  } catch (thrown) {
    if (!(thrown instanceof KeywardError) || thrown.code !== 'decryption_failed') throw thrown;
    throw credentialDamaged(thrown.reason);
  }
}

/**
 * As {@link openCredential}, for those who go through all of them: a version that the keyset at home does not have needs no
 * second look there.
 *
 * @param home the keyset as home has it
 * @returns undefined where the row does not open
 * @throws KeywardError `keys_unavailable`
 */
export async function tryOpenCredential(
  keysets: KeysetAccess,
  home: KeysetRecord,
  record: CredentialRecord,
): Promise<string | undefined> {
  try {
    if (dekVersion(home, parseToken(record.ciphertext).version) === undefined) return undefined;
    return await openCredential(keysets, record);
  } catch (thrown) {
    const { code } = toKeywardError(thrown);
    if (code === 'credential_damaged' || code === 'decryption_failed') return undefined;
    throw thrown;
  }
}
