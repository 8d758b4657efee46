import { createCipheriv, createDecipheriv, timingSafeEqual, type KeyObject } from 'node:crypto';
import { decryptionFailed } from './errors';
import { deriveMessageKey, IV_BYTES, SALT_BYTES, type KeyLabel } from './message-key';
import type { Randomness } from './randomness';

const KEY_BYTES = 32;
const TAG_BYTES = 16;
const HEADER_BYTES = SALT_BYTES + IV_BYTES + TAG_BYTES;
/** Node takes tags of 4, 8 and 12 to 15 bytes unless told (DEP0182); 16 is the only one that is ours. */
const GCM = { authTagLength: TAG_BYTES };

/**
 * Seals `plaintext` as `salt(32) | iv(16) | tag(16) | ciphertext`: AES-256-GCM (NIST SP 800-38D) under a key derived
 * for this message alone, so no number of messages wears a nonce out. The iv comes from the same derivation and is
 * therefore a commitment to the key.
 */
export function sealMessage(
  key: KeyObject,
  label: Exclude<KeyLabel, 'kw1-mac'>,
  aad: Buffer,
  plaintext: Buffer,
  randomness: Randomness,
): Buffer {
  const salt = randomness.publicBytes(SALT_BYTES);
  const derived = deriveMessageKey(key, label, salt);
  const iv = derived.subarray(KEY_BYTES, KEY_BYTES + IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, KEY_BYTES), iv, GCM);
  cipher.setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  const message = Buffer.concat([salt, iv, cipher.getAuthTag(), ciphertext]);
  derived.fill(0);
  return message;
}

/**
 * Opens what {@link sealMessage} made. The derived iv is compared in constant time before anything is decrypted, so
 * that a message which opens under two keys takes a collision of 128 bits. Nothing is returned before the tag holds.
 *
 * @returns the plaintext in a buffer of its own, which the caller wipes
 * @throws KeywardError `decryption_failed`
 */
export function openMessage(key: KeyObject, label: Exclude<KeyLabel, 'kw1-mac'>, aad: Buffer, message: Buffer): Buffer {
  if (message.length <= HEADER_BYTES) throw decryptionFailed('malformed_token');
  const derived = deriveMessageKey(key, label, message.subarray(0, SALT_BYTES));
  const iv = derived.subarray(KEY_BYTES, KEY_BYTES + IV_BYTES);
  if (!timingSafeEqual(iv, message.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES))) {
    derived.fill(0);
    throw decryptionFailed('commitment_mismatch');
  }
  const decipher = createDecipheriv('aes-256-gcm', derived.subarray(0, KEY_BYTES), iv, GCM);
  decipher.setAAD(aad);
  decipher.setAuthTag(message.subarray(SALT_BYTES + IV_BYTES, HEADER_BYTES));
  const plaintext = decipher.update(message.subarray(HEADER_BYTES));
  derived.fill(0);
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw decryptionFailed('authentication_failed');
  }
  return plaintext;
}

/** Length in bytes of a sealed message that holds `plaintextBytes`. */
export const sealedLength = (plaintextBytes: number): number => HEADER_BYTES + plaintextBytes;
