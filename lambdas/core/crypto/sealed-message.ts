import { timingSafeEqual, type KeyObject } from 'node:crypto';
import { KEY_BYTES, openGcm, sealGcm, TAG_BYTES } from './aes-gcm';
import { decryptionFailed } from '../errors/errors';
import { hedgedSalt } from './hedged-salt';
import { deriveMessageKey, IV_BYTES, SALT_BYTES, type MessageLabel } from './message-key';
import type { Randomness } from './randomness';
import { wipe } from './wipe';

const IV_AT = SALT_BYTES;
const TAG_AT = IV_AT + IV_BYTES;
const HEADER_BYTES = TAG_AT + TAG_BYTES;

/** A view of `length` bytes without copying; half the cost of `Buffer.subarray`. */
const view = (bytes: Buffer, offset: number, length: number): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + offset, length);

/**
 * Seals `plaintext` as `salt(32) | iv(16) | tag(16) | ciphertext`: AES-256-GCM (NIST SP 800-38D) under a key derived for this
 * message alone, so there is no limit of messages per nonce space. The iv comes from the same derivation and is therefore a
 * commitment to the key. The salt is a {@link hedgedSalt}: key and iv never serve two different messages, even if `randomness`
 * repeats.
 */
export function sealMessage(
  key: KeyObject,
  label: MessageLabel,
  aad: Buffer,
  plaintext: Buffer,
  randomness: Randomness,
): Buffer {
  const salt = hedgedSalt(key, randomness.publicBytes(SALT_BYTES), aad, plaintext);
  const derived = deriveMessageKey(key, label, salt);
  const iv = view(derived, KEY_BYTES, IV_BYTES);
  const { ciphertext, tag } = sealGcm(view(derived, 0, KEY_BYTES), iv, aad, plaintext);
  const message = Buffer.allocUnsafe(sealedLength(plaintext.length));
  message.set(salt);
  message.set(iv, IV_AT);
  message.set(tag, TAG_AT);
  message.set(ciphertext, HEADER_BYTES);
  wipe(derived);
  return message;
}

/**
 * Opens a message of {@link sealMessage}. Compares the derived iv in constant time before decryption, so a message that opens
 * under two keys needs a collision of 128 bits. Returns nothing before the tag is verified.
 *
 * @returns the plaintext in a buffer of its own, which the caller wipes
 * @throws KeywardError `decryption_failed`
 */
export function openMessage(key: KeyObject, label: MessageLabel, aad: Buffer, message: Buffer): Buffer {
  if (message.length <= HEADER_BYTES) throw decryptionFailed('malformed_token');
  const derived = deriveMessageKey(key, label, message);
  try {
    const iv = view(derived, KEY_BYTES, IV_BYTES);
    if (!timingSafeEqual(iv, view(message, IV_AT, IV_BYTES))) throw decryptionFailed('commitment_mismatch');
    const tag = view(message, TAG_AT, TAG_BYTES);
    const ciphertext = view(message, HEADER_BYTES, message.length - HEADER_BYTES);
    return openGcm(view(derived, 0, KEY_BYTES), iv, aad, tag, ciphertext);
  } finally {
    wipe(derived);
  }
}

/** Length in bytes of a sealed message that holds `plaintextBytes`. */
export const sealedLength = (plaintextBytes: number): number => HEADER_BYTES + plaintextBytes;
