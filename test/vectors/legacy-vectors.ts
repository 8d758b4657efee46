import { sealLegacy } from './seal-legacy';
import { countingKey } from './token-vectors';
import type { Vectors } from './vector-types';

const ENCRYPTION_KEY = 'not-a-real-encryption-key-of-the-old-design';
const seal = (secret: string, start: number, text: string): string =>
  sealLegacy(secret, countingKey(start), countingKey(start + 32).subarray(0, 16), Buffer.from(text, 'utf8'));

const PLAINTEXT = 'sk-example-not-a-real-key-of-the-old-design';
const VALUE = seal(ENCRYPTION_KEY, 0x10, PLAINTEXT);
const DEK = countingKey(0xc0).toString('base64');

function flipped(): string {
  const bytes = Buffer.from(VALUE, 'base64');
  bytes[70] = (bytes[70] ?? 0) ^ 1;
  return bytes.toString('base64');
}

const bad = (
  comment: string,
  value: string,
  reason: 'authentication_failed' | 'malformed_token',
  key = ENCRYPTION_KEY,
) => ({
  comment,
  encryption_key: key,
  value,
  reason,
});

export const legacyVectors: Vectors['legacy'] = {
  phase_1: [{ encryption_key: ENCRYPTION_KEY, value: VALUE, plaintext: PLAINTEXT }],
  phase_2: [
    {
      encryption_key: ENCRYPTION_KEY,
      encrypted_dek: seal(ENCRYPTION_KEY, 0x20, DEK),
      dek: DEK,
      value: seal(DEK, 0x30, `${PLAINTEXT} – phase 2`),
      plaintext: `${PLAINTEXT} – phase 2`,
    },
  ],
  invalid: [
    bad('a flipped bit', flipped(), 'authentication_failed'),
    bad('another key', VALUE, 'authentication_failed', 'another-key'),
    bad('64 bytes: no data', Buffer.alloc(64).toString('base64'), 'malformed_token'),
    bad('padding left out', seal(ENCRYPTION_KEY, 0x10, 'x').replace(/=+$/, ''), 'malformed_token'),
  ],
};
