import { createCipheriv, createDecipheriv } from 'node:crypto';
import { decryptionFailed } from '../errors/errors';

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;
/** Without it Node accepts tags of 4, 8 and 12 to 15 bytes (DEP0182); Keyward's tags have 16. */
const OPTIONS = { authTagLength: TAG_BYTES };

/**
 * AES-256-GCM encryption (NIST SP 800-38D section 7.1).
 *
 * @param key 32 bytes; two calls must not have the same `key` and `iv`
 */
export function sealGcm(
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): { ciphertext: Buffer; tag: Buffer } {
  const cipher = createCipheriv('aes-256-gcm', key, iv, OPTIONS);
  cipher.setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

/**
 * AES-256-GCM decryption (NIST SP 800-38D section 7.2). Returns nothing before the tag is verified.
 *
 * @param tag 16 bytes; Node throws on any other length
 * @returns the plaintext in a buffer of its own
 * @throws KeywardError `decryption_failed`, reason `authentication_failed`, after wiping the decrypted bytes
 */
export function openGcm(
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  tag: Uint8Array,
  ciphertext: Uint8Array,
): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, OPTIONS);
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw decryptionFailed('authentication_failed');
  }
  return plaintext;
}
