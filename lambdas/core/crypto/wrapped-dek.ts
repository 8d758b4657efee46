import { decodeCanonicalBase64 } from './canonical-base64';
import { DEK_BYTES, toDek, type Dek } from './dek';
import { keysUnavailable } from '../errors/errors';
import type { Kek } from './kek-keyset';
import { encodeStrings } from './length-prefixed';
import type { Randomness } from './randomness';
import { openMessage, sealMessage } from './sealed-message';

const aadOf = (provider: string, version: number, kekId: string): Buffer =>
  encodeStrings(['kw1-wrap', provider, String(version), kekId]);

/**
 * Makes a new DEK and wraps it under `kek`. The raw key never leaves this function.
 *
 * @returns `encrypted_dek`: canonical base64 of `salt(32) | iv(16) | tag(16) | ciphertext(32)`, 128 characters
 */
export function wrapNewDek(kek: Kek, provider: string, version: number, randomness: Randomness): string {
  const material = randomness.secretBytes(DEK_BYTES);
  try {
    return sealMessage(kek.key, 'kw1-wrap', aadOf(provider, version, kek.id), material, randomness).toString('base64');
  } finally {
    material.fill(0);
  }
}

/**
 * Unwraps `encrypted_dek` for exactly this provider, version and KEK.
 *
 * @throws KeywardError `keys_unavailable`, reason `unwrap_failed`: the caller's token is not at fault
 */
export function unwrapDek(kek: Kek, provider: string, version: number, encryptedDek: string): Dek {
  return toDek(provider, version, openWrapped(kek, provider, version, encryptedDek));
}

/**
 * Rewraps a DEK from one KEK to another.
 *
 * @throws KeywardError `keys_unavailable`, reason `unwrap_failed`
 */
export function rewrapDek(
  from: Kek,
  to: Kek,
  provider: string,
  version: number,
  encryptedDek: string,
  randomness: Randomness,
): string {
  const material = openWrapped(from, provider, version, encryptedDek);
  const message = sealMessage(to.key, 'kw1-wrap', aadOf(provider, version, to.id), material, randomness);
  material.fill(0);
  return message.toString('base64');
}

function openWrapped(kek: Kek, provider: string, version: number, encryptedDek: string): Buffer {
  const message = decodeCanonicalBase64(encryptedDek);
  if (message === undefined) throw keysUnavailable('unwrap_failed');
  let material: Buffer;
  try {
    material = openMessage(kek.key, 'kw1-wrap', aadOf(provider, version, kek.id), message);
  } catch {
    throw keysUnavailable('unwrap_failed');
  }
  if (material.length !== DEK_BYTES) {
    material.fill(0);
    throw keysUnavailable('unwrap_failed');
  }
  return material;
}
