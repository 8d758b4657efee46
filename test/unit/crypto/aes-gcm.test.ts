import { createCipheriv } from 'node:crypto';
import { openGcm, sealGcm, TAG_BYTES } from '../../../lambdas/core/crypto/aes-gcm';
import { material } from './test-keys';
import { failsAsDecryption, thrownBy } from './thrown-by';

const key = material(1);
const iv = Buffer.alloc(16, 2);
const aad = Buffer.from('header');
const plaintext = Buffer.from('sk-example-not-a-real-key');

test('opens what it sealed', () => {
  const { ciphertext, tag } = sealGcm(key, iv, aad, plaintext);
  expect(tag).toHaveLength(TAG_BYTES);
  expect(ciphertext).toHaveLength(plaintext.length);
  expect(openGcm(key, iv, aad, tag, ciphertext)).toEqual(plaintext);
});

test('another key, iv, AAD, tag or ciphertext does not open', () => {
  const { ciphertext, tag } = sealGcm(key, iv, aad, plaintext);
  const flip = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte)));
  expect(failsAsDecryption(() => openGcm(flip(key), iv, aad, tag, ciphertext))).toBe(true);
  expect(failsAsDecryption(() => openGcm(key, flip(iv), aad, tag, ciphertext))).toBe(true);
  expect(failsAsDecryption(() => openGcm(key, iv, flip(aad), tag, ciphertext))).toBe(true);
  expect(failsAsDecryption(() => openGcm(key, iv, Buffer.alloc(0), tag, ciphertext))).toBe(true);
  expect(failsAsDecryption(() => openGcm(key, iv, aad, flip(tag), ciphertext))).toBe(true);
  expect(failsAsDecryption(() => openGcm(key, iv, aad, tag, flip(ciphertext)))).toBe(true);
  expect(thrownBy(() => openGcm(key, iv, aad, flip(tag), ciphertext)).reason).toBe('authentication_failed');
});

test.each([4, 8, 12, 13, 14, 15])('a right tag cut to %d bytes, which Node takes unless told, is refused', (length) => {
  const { ciphertext, tag } = sealGcm(key, iv, aad, plaintext);
  expect(() => openGcm(key, iv, aad, tag.subarray(0, length), ciphertext)).toThrow(/Invalid authentication tag length/);
});

test('so is a tag that was made that short, and one that is too long', () => {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 12 });
  cipher.setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const long = Buffer.concat([sealGcm(key, iv, aad, plaintext).tag, Buffer.of(0)]);
  for (const tag of [cipher.getAuthTag(), long, Buffer.alloc(0)]) {
    expect(() => openGcm(key, iv, aad, tag, ciphertext)).toThrow(/Invalid authentication tag length/);
  }
});
