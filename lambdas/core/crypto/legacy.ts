import { scryptSync } from 'node:crypto';
import { KEY_BYTES, openGcm, TAG_BYTES } from './aes-gcm';
import { decodeCanonicalBase64 } from './canonical-base64';
import { decryptionFailed } from '../errors/errors';
import { decodeUtf8 } from './utf8';

const SALT_BYTES = 32;
const IV_BYTES = 16;
const HEADER_BYTES = SALT_BYTES + IV_BYTES + TAG_BYTES;
const NO_AAD = Buffer.alloc(0);
/** Cost parameters of the old design: 16 MiB and about 50 ms a message. */
const SCRYPT = { N: 16_384, r: 8, p: 1 };

/** scrypt (RFC 7914 section 6): the old design's key for one message, 32 bytes, which the caller wipes. */
export const deriveLegacyKey = (secret: string, salt: Buffer): Buffer => scryptSync(secret, salt, KEY_BYTES, SCRYPT);

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
  const key = deriveLegacyKey(secret, message.subarray(0, SALT_BYTES));
  const iv = message.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES);
  const tag = message.subarray(SALT_BYTES + IV_BYTES, HEADER_BYTES);
  try {
    const bytes = openGcm(key, iv, NO_AAD, tag, message.subarray(HEADER_BYTES));
    const plaintext = decodeUtf8(bytes);
    bytes.fill(0);
    if (plaintext === undefined) throw decryptionFailed('malformed_token');
    return plaintext;
  } finally {
    key.fill(0);
  }
}

const ENCRYPTED_DEK_CHARACTERS = 144;

/**
 * Opens the `encrypted_dek` of a phase 2 row: 144 characters that hold a DEK as 44 characters of base64. That text, not its
 * bytes, was the secret of the row's data.
 *
 * @throws KeywardError `decryption_failed`
 */
export function openLegacyDek(encryptionKey: string, encryptedDek: string): string {
  if (encryptedDek.length !== ENCRYPTED_DEK_CHARACTERS) throw decryptionFailed('malformed_token');
  const dek = openLegacy(encryptionKey, encryptedDek);
  const bytes = decodeCanonicalBase64(dek);
  bytes?.fill(0);
  if (bytes?.length !== KEY_BYTES) throw decryptionFailed('malformed_token');
  return dek;
}
