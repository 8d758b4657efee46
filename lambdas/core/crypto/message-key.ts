import { createHmac, type KeyObject } from 'node:crypto';

/** Purposes of derived keys. No label serves two purposes. */
export const KEY_LABELS = ['kw1', 'kw1-wrap', 'kw1-mac', 'kw1-proof', 'kw1-salt'] as const;

export type KeyLabel = (typeof KEY_LABELS)[number];

/** The labels of sealed messages. */
export type MessageLabel = Extract<KeyLabel, 'kw1' | 'kw1-wrap'>;

export const SALT_BYTES = 32;
export const IV_BYTES = 16;

/** [512]₃₂: the length of the output in bits. */
const OUTPUT_BITS = Buffer.of(0, 0, 2, 0);

/** The PRF's input with room for the salt: [1]₃₂ ‖ label ‖ 00 ‖ salt ‖ [512]₃₂. */
function inputFor(label: KeyLabel): { bytes: Buffer; saltAt: number } {
  const beforeSalt = Buffer.concat([Buffer.of(0, 0, 0, 1), Buffer.from(label), Buffer.of(0)]);
  return { bytes: Buffer.concat([beforeSalt, Buffer.alloc(SALT_BYTES), OUTPUT_BITS]), saltAt: beforeSalt.length };
}

/** One buffer per label, filled by each call: a second `update` or a new buffer would cost more than the copy. */
const INPUTS: Readonly<Record<KeyLabel, { readonly bytes: Buffer; readonly saltAt: number }>> = {
  kw1: inputFor('kw1'),
  'kw1-wrap': inputFor('kw1-wrap'),
  'kw1-mac': inputFor('kw1-mac'),
  'kw1-proof': inputFor('kw1-proof'),
  'kw1-salt': inputFor('kw1-salt'),
};

/**
 * NIST SP 800-108r1 section 4.1, KDF in counter mode, HMAC-SHA-512 as PRF, one block (so i = 1), 32-bit counter and length,
 * context = salt.
 *
 * @param salt the first 32 bytes are used, so it may be a whole message, which begins with its salt
 * @returns 64 bytes: 0–31 the one-time key, 32–47 the iv, the rest unused. The caller wipes them.
 * @throws RangeError for a shorter salt
 */
export function deriveMessageKey(key: KeyObject, label: KeyLabel, salt: Buffer): Buffer {
  if (salt.length < SALT_BYTES) throw new RangeError(`salt has fewer than ${SALT_BYTES} bytes`);
  const { bytes, saltAt } = INPUTS[label];
  bytes.set(salt.length === SALT_BYTES ? salt : salt.subarray(0, SALT_BYTES), saltAt);
  return createHmac('sha512', key).update(bytes).digest();
}
