import { createDecipheriv, scryptSync } from 'node:crypto';
import { decodeCanonicalBase64 } from './canonical-base64';
import { decryptionFailed } from './errors';

const SALT_BYTES = 32;
const IV_BYTES = 16;
const TAG_BYTES = 16;
const HEADER_BYTES = SALT_BYTES + IV_BYTES + TAG_BYTES;
const KEY_BYTES = 32;
/** RFC 7914 cost parameters of the old design: 16 MiB and about 50 ms a message. */
const SCRYPT = { N: 16_384, r: 8, p: 1 };

/**
 * Opens a value of the old design, base64 of `salt(32) | iv(16) | tag(16) | data` under scrypt(secret, salt). For
 * migrations only: the format authenticates no context, and each try costs about 50 ms of CPU.
 *
 * @param secret phase 1: the old ENCRYPTION_KEY; phase 2: the text that {@link openLegacyDek} returns
 * @throws KeywardError `decryption_failed`
 */
export function openLegacy(secret: string, text: string): string {
  const message = decodeCanonicalBase64(text);
  if (message === undefined || message.length <= HEADER_BYTES) throw decryptionFailed('malformed_token');
  const key = scryptSync(secret, message.subarray(0, SALT_BYTES), KEY_BYTES, SCRYPT);
  const iv = message.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  key.fill(0);
  decipher.setAuthTag(message.subarray(SALT_BYTES + IV_BYTES, HEADER_BYTES));
  const bytes = decipher.update(message.subarray(HEADER_BYTES));
  try {
    decipher.final();
    return bytes.toString('utf8');
  } catch {
    throw decryptionFailed('authentication_failed');
  } finally {
    bytes.fill(0);
  }
}

const ENCRYPTED_DEK_CHARACTERS = 144;
const DEK_TEXT_CHARACTERS = 44;

/**
 * Opens the `encrypted_dek` of a phase 2 row: 144 characters that hold a DEK as 44 characters of base64. That text, not
 * its bytes, was the secret of the data beside it.
 *
 * @throws KeywardError `decryption_failed`
 */
export function openLegacyDek(encryptionKey: string, encryptedDek: string): string {
  if (encryptedDek.length !== ENCRYPTED_DEK_CHARACTERS) throw decryptionFailed('malformed_token');
  const dek = openLegacy(encryptionKey, encryptedDek);
  if (dek.length !== DEK_TEXT_CHARACTERS || decodeCanonicalBase64(dek)?.length !== KEY_BYTES) {
    throw decryptionFailed('malformed_token');
  }
  return dek;
}
