import type { EncryptionContext } from '../crypto/encryption-context';
import { decryptionFailed } from '../errors/errors';
import { openToken, type ParsedToken } from '../crypto/token';
import type { KeysetAccess } from '../keysets/keyset-access';
import type { OpeningKey } from '../keysets/keyset-directory';

/** A token that a caller presents. */
export interface TokenCommand {
  readonly provider: string;
  readonly ciphertext: string;
  readonly context: EncryptionContext;
}

/** The plaintext of a token, and the key version that opened it. */
export interface Opened extends Pick<OpeningKey, 'state' | 'primaryVersion'> {
  readonly plaintext: string;
  readonly version: number;
}

/**
 * Opens a token that a caller presents for `provider`.
 *
 * @throws KeywardError `decryption_failed`, or `keys_unavailable` if that cannot be decided
 */
export async function openTokenOfProvider(
  keysets: KeysetAccess,
  provider: string,
  token: ParsedToken,
  context: EncryptionContext,
): Promise<Opened> {
  if (token.provider !== provider) throw decryptionFailed('provider_mismatch');
  const { dek, state, primaryVersion } = await keysets.forOpening(provider, token.version);
  return { plaintext: openToken(dek, context, token), version: token.version, state, primaryVersion };
}
