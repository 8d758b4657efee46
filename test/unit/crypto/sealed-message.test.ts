import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { hedgedSalt } from '../../../lambdas/core/crypto/hedged-salt';
import { openMessage, sealedLength, sealMessage } from '../../../lambdas/core/crypto/sealed-message';
import { deriveMessageKey } from '../../../lambdas/core/crypto/message-key';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { material } from './test-keys';
import { failsAsDecryption, thrownBy } from './thrown-by';

const key = createSecretKey(material(1));
const aad = Buffer.from('header');
const plaintext = Buffer.from('sk-example-not-a-real-key');
const seal = (start = 0, bytes = plaintext): Buffer =>
  sealMessage(key, 'kw1', aad, bytes, new CountingRandomness(start));

test('every plaintext comes back, under both labels', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), fc.uint8Array({ maxLength: 50 }), (bytes, header) => {
      for (const label of ['kw1', 'kw1-wrap'] as const) {
        const message = sealMessage(key, label, Buffer.from(header), Buffer.from(bytes), new CountingRandomness());
        expect(message).toHaveLength(sealedLength(bytes.length));
        expect(openMessage(key, label, Buffer.from(header), message)).toEqual(Buffer.from(bytes));
      }
    }),
  );
});

test('the layout is salt, derived iv, tag, ciphertext', () => {
  const message = seal();
  const salt = hedgedSalt(key, new CountingRandomness().publicBytes(32), aad, plaintext);
  expect(message.subarray(0, 32)).toEqual(salt);
  expect(message.subarray(32, 48)).toEqual(deriveMessageKey(key, 'kw1', salt).subarray(32, 48));
});

test('a message for one purpose does not open for another', () => {
  expect(failsAsDecryption(() => openMessage(key, 'kw1-wrap', aad, seal()))).toBe(true);
});

test('under another key the commitment fails before anything is decrypted', () => {
  const other = createSecretKey(material(2));
  expect(thrownBy(() => openMessage(other, 'kw1', aad, seal())).reason).toBe('commitment_mismatch');
});

test('a message that a forger made for another key of its own choosing does not pass', () => {
  // The right tag and ciphertext for an iv that the forger chose: GCM alone would open it.
  const message = seal();
  message.fill(0, 32, 48);
  expect(thrownBy(() => openMessage(key, 'kw1', aad, message)).reason).toBe('commitment_mismatch');
});

test('every single bit flip of the bytes is refused', () => {
  const message = seal();
  let refused = 0;
  for (let bit = 0; bit < message.length * 8; bit += 1) {
    const flipped = Buffer.from(message);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    if (failsAsDecryption(() => openMessage(key, 'kw1', aad, flipped))) refused += 1;
  }
  expect(refused).toBe(message.length * 8);
});

test('every truncation, and every extension by a byte, at either end, is refused', () => {
  const message = seal();
  for (let length = 0; length < message.length; length += 1) {
    expect(failsAsDecryption(() => openMessage(key, 'kw1', aad, message.subarray(0, length)))).toBe(true);
    expect(failsAsDecryption(() => openMessage(key, 'kw1', aad, message.subarray(message.length - length)))).toBe(true);
  }
  for (let byte = 0; byte < 256; byte += 1) {
    expect(failsAsDecryption(() => openMessage(key, 'kw1', aad, Buffer.concat([message, Buffer.of(byte)])))).toBe(true);
    expect(failsAsDecryption(() => openMessage(key, 'kw1', aad, Buffer.concat([Buffer.of(byte), message])))).toBe(true);
  }
});

test('a message without ciphertext is malformed, even if its tag is right', () => {
  const empty = seal(0, Buffer.alloc(0));
  expect(empty).toHaveLength(64);
  expect(thrownBy(() => openMessage(key, 'kw1', aad, empty)).reason).toBe('malformed_token');
});

test('all 14 mixes of the parts of two messages under one key are refused', () => {
  const parts = [seal(0), seal(77, Buffer.from('sk-example-another-fakekey'.slice(0, 25)))].map((message) => [
    message.subarray(0, 32),
    message.subarray(32, 48),
    message.subarray(48, 64),
    message.subarray(64),
  ]);
  let refused = 0;
  for (let choice = 1; choice < 15; choice += 1) {
    const mixed = Buffer.concat([0, 1, 2, 3].map((part) => parts[(choice >> part) & 1]![part]!));
    if (failsAsDecryption(() => openMessage(key, 'kw1', aad, mixed))) refused += 1;
  }
  expect(refused).toBe(14);
});

test('works on a slice in the middle of a larger buffer and changes nothing around it', () => {
  const message = seal();
  const around = Buffer.concat([Buffer.alloc(7, 0xaa), message, Buffer.alloc(9, 0xbb)]);
  const before = Buffer.from(around);
  expect(openMessage(key, 'kw1', aad, around.subarray(7, 7 + message.length))).toEqual(plaintext);
  expect(around).toEqual(before);
});
