import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { KEY_BYTES } from './aes-gcm';
import { deriveMessageKey, SALT_BYTES } from './message-key';

const LENGTH_AT = SALT_BYTES;
const AAD_AT = LENGTH_AT + 4;

/** The key of the salts, by the key that it is derived from: it lives exactly as long as that one is in use. */
const saltKeys = new WeakMap<KeyObject, KeyObject>();

/** Filled anew on each call and wiped of the plaintext after it: a buffer for each call would cost more. */
const scratch = new Uint8Array(2_048);

/**
 * A message's salt: HMAC-SHA-512(derive(key, `kw1-salt`, 32 zero bytes)[0..32], random ‖ str(AAD) ‖ plaintext)[0..32].
 *
 * With good random bytes it is as random as they are. Where they come a second time, because a process goes on twice from
 * one snapshot of its memory, another plaintext or other additional data still gives another salt, and so another message
 * key and iv. What repeats is a message that is the same in everything: then it comes out as the same bytes, and shows that.
 *
 * @param random 32 bytes; they are no part of the message
 * @returns 32 bytes
 */
export function hedgedSalt(key: KeyObject, random: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Buffer {
  const plaintextAt = AAD_AT + aad.length;
  const length = plaintextAt + plaintext.length;
  const input = length <= scratch.length ? scratch.subarray(0, length) : new Uint8Array(length);
  input.set(random);
  for (let byte = 0; byte < 4; byte += 1) input[LENGTH_AT + byte] = aad.length >>> (24 - 8 * byte);
  input.set(aad, AAD_AT);
  input.set(plaintext, plaintextAt);
  // As text of one character a byte: Node makes that in half the time that a buffer of its own takes.
  const digest = createHmac('sha512', saltKeyOf(key)).update(input).digest('binary');
  input.fill(0, plaintextAt);
  return Buffer.from(digest.slice(0, SALT_BYTES), 'binary');
}

function saltKeyOf(key: KeyObject): KeyObject {
  const known = saltKeys.get(key);
  if (known !== undefined) return known;
  const derived = deriveMessageKey(key, 'kw1-salt', Buffer.alloc(SALT_BYTES));
  const saltKey = createSecretKey(derived.subarray(0, KEY_BYTES));
  derived.fill(0);
  saltKeys.set(key, saltKey);
  return saltKey;
}
