import { createHmac, type KeyObject } from 'node:crypto';

/** What a derived key is for. No label is used for two purposes. */
export type KeyLabel = 'kw1' | 'kw1-wrap' | 'kw1-mac';

export const SALT_BYTES = 32;
export const IV_BYTES = 16;

/** [1]₃₂ ‖ label ‖ 00: the counter of the only block, and what comes before the salt. */
const beforeSalt = (label: KeyLabel): Buffer =>
  Buffer.concat([Buffer.of(0, 0, 0, 1), Buffer.from(label), Buffer.of(0)]);

const PREFIXES: Readonly<Record<KeyLabel, Buffer>> = {
  kw1: beforeSalt('kw1'),
  'kw1-wrap': beforeSalt('kw1-wrap'),
  'kw1-mac': beforeSalt('kw1-mac'),
};

/** [512]₃₂: the length of the output in bits. */
const OUTPUT_BITS = Buffer.of(0, 0, 2, 0);

/**
 * NIST SP 800-108r1 section 4.1, KDF in counter mode, HMAC-SHA-512 as PRF, one block (so i = 1), 32-bit counter and
 * length, context = salt.
 *
 * @returns 64 bytes: 0–31 the one-time key, 32–47 the iv, the rest unused. The caller wipes them.
 */
export const deriveMessageKey = (key: KeyObject, label: KeyLabel, salt: Buffer): Buffer =>
  createHmac('sha512', key).update(PREFIXES[label]).update(salt).update(OUTPUT_BITS).digest();
