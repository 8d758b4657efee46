import { createHmac, createSecretKey } from 'node:crypto';
import { deriveMessageKey, SALT_BYTES, type KeyLabel } from '../../../lambdas/core/crypto/message-key';
import { material } from './test-keys';

const key = createSecretKey(material(3));
const salt = Buffer.from(Array.from({ length: SALT_BYTES }, (_, index) => index));

test.each<[KeyLabel, string]>([
  ['kw1', '6b7731'],
  ['kw1-wrap', '6b77312d77726170'],
  ['kw1-mac', '6b77312d6d6163'],
  ['kw1-proof', '6b77312d70726f6f66'],
  ['kw1-salt', '6b77312d73616c74'],
])('label %s: HMAC-SHA-512 over counter, label, zero, salt, length', (label, labelHex) => {
  const input = Buffer.from(`00000001${labelHex}00${salt.toString('hex')}00000200`, 'hex');
  const derived = deriveMessageKey(key, label, salt);
  expect(derived).toHaveLength(64);
  expect(derived).toEqual(createHmac('sha512', material(3)).update(input).digest());
});

test('no two labels, salts or keys give the same output', () => {
  const otherSalt = Buffer.from(salt).fill(0xff, 31);
  const outputs = [
    deriveMessageKey(key, 'kw1', salt),
    deriveMessageKey(key, 'kw1-wrap', salt),
    deriveMessageKey(key, 'kw1-mac', salt),
    deriveMessageKey(key, 'kw1', otherSalt),
    deriveMessageKey(createSecretKey(material(4)), 'kw1', salt),
  ].map((bytes) => bytes.toString('hex'));
  expect(new Set(outputs).size).toBe(5);
});

test('a whole message may be given: its first 32 bytes are the salt, and it is left as it is', () => {
  const message = Buffer.concat([salt, Buffer.alloc(100, 9)]);
  expect(deriveMessageKey(key, 'kw1', message)).toEqual(deriveMessageKey(key, 'kw1', salt));
  expect(message.subarray(0, SALT_BYTES)).toEqual(salt);
});

test('nothing of an earlier salt can stay: a shorter one is refused', () => {
  deriveMessageKey(key, 'kw1', salt);
  for (const short of [Buffer.alloc(0), salt.subarray(0, 31)]) {
    expect(() => deriveMessageKey(key, 'kw1', short)).toThrow(RangeError);
  }
});

test('each result is a buffer of its own, which the caller may wipe', () => {
  const first = deriveMessageKey(key, 'kw1', salt);
  const copy = Buffer.from(first);
  const second = deriveMessageKey(key, 'kw1', salt);
  first.fill(0);
  expect(second).toEqual(copy);
  expect(deriveMessageKey(key, 'kw1', salt)).toEqual(copy);
});
