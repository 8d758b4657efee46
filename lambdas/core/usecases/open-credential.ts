import { credentialContext, type CredentialRecord } from '../domain/credential';
import { KeywardError } from '../domain/errors';
import { openToken, parseToken } from '../domain/token';
import type { KeysetDirectory } from './keyset-directory';

/**
 * Opens a stored credential under whichever version it names, as long as that key exists: states gate tokens alone.
 *
 * @returns the API key
 * @throws KeywardError `credential_damaged` where the row does not open in its place; `keys_unavailable`
 */
export async function openCredential(keysets: KeysetDirectory, record: CredentialRecord): Promise<string> {
  try {
    const token = parseToken(record.ciphertext);
    const { dek } = await keysets.forOpening(record.provider, token.version);
    return openToken(dek, credentialContext(record.provider, record.name, record.metadata), token);
  } catch (thrown) {
    if (!(thrown instanceof KeywardError) || thrown.code !== 'decryption_failed') throw thrown;
    throw new KeywardError('credential_damaged', 'the stored credential could not be opened', thrown.reason);
  }
}
