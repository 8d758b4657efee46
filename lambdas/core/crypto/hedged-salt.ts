import { hash, type KeyObject } from 'node:crypto';
import { KEY_BYTES } from './aes-gcm';
import { deriveMessageKey, SALT_BYTES } from './message-key';
import { wipe } from './wipe';

/** Block size of SHA-512 in bytes. */
const BLOCK_BYTES = 128;
const DIGEST_BYTES = 64;

const LENGTH_AT = BLOCK_BYTES + SALT_BYTES;
const AAD_AT = LENGTH_AT + 4;

/** An HMAC key as RFC 2104 section 2 uses it: a block for the inner hash and one for the outer. */
interface SaltKey {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

/**
 * Salt keys by the key that each is derived from. A salt key lives as long as its key, and is wiped when it is garbage-collected.
 */
const saltKeys = new WeakMap<KeyObject, SaltKey>();
const forgotten = new FinalizationRegistry<SaltKey>(({ inner, outer }) => {
  wipe(inner);
  wipe(outer);
});

/** Filled by each call and wiped after it: a buffer per call would cost more. */
const innerScratch = new Uint8Array(4_096);
const outerScratch = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES);

/**
 * A message's salt: HMAC-SHA-512(derive(key, `kw1-salt`, 32 zero bytes)[0..32], random ‖ str(AAD) ‖ plaintext)[0..32].
 *
 * With good random bytes the salt is as random as they are. If they repeat, because two processes resume from one memory
 * snapshot, another plaintext or other additional data still gives another salt, and so another message key and iv. Only an
 * identical message repeats: its bytes are then the same, which reveals that it is identical.
 *
 * The HMAC (RFC 2104) is two calls of `crypto.hash`: an Hmac object costs two thirds more. Its key opens nothing and reveals
 * nothing of the key that it is derived from.
 *
 * @param random 32 bytes, which are not part of the message
 * @returns 32 bytes
 */
export function hedgedSalt(key: KeyObject, random: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Buffer {
  const { inner, outer } = saltKeyOf(key);
  const length = AAD_AT + aad.length + plaintext.length;
  const input = length <= innerScratch.length ? innerScratch.subarray(0, length) : new Uint8Array(length);
  input.set(inner);
  input.set(random, BLOCK_BYTES);
  for (let byte = 0; byte < 4; byte += 1) input[LENGTH_AT + byte] = aad.length >>> (24 - 8 * byte);
  input.set(aad, AAD_AT);
  input.set(plaintext, AAD_AT + aad.length);
  // A binary string costs Node half the time of a buffer.
  const digest = hash('sha512', input, 'binary');
  wipe(input);
  outerScratch.set(outer);
  for (let at = 0; at < DIGEST_BYTES; at += 1) outerScratch[BLOCK_BYTES + at] = digest.charCodeAt(at);
  const salt = hash('sha512', outerScratch, 'binary').slice(0, SALT_BYTES);
  wipe(outerScratch);
  return Buffer.from(salt, 'binary');
}

function saltKeyOf(key: KeyObject): SaltKey {
  const known = saltKeys.get(key);
  if (known !== undefined) return known;
  const derived = deriveMessageKey(key, 'kw1-salt', Buffer.alloc(SALT_BYTES));
  const block = (pad: number): Uint8Array =>
    Uint8Array.from({ length: BLOCK_BYTES }, (_, at) => (at < KEY_BYTES ? derived.readUInt8(at) : 0) ^ pad);
  const saltKey = { inner: block(0x36), outer: block(0x5c) };
  wipe(derived);
  saltKeys.set(key, saltKey);
  forgotten.register(key, saltKey);
  return saltKey;
}
