import { openToken, parseToken, sealToken } from '../../../lambdas/core/crypto/token';
import { sealMessage } from '../../../lambdas/core/crypto/sealed-message';
import { encodeStrings } from '../../../lambdas/core/crypto/length-prefixed';
import type { Kek } from '../../../lambdas/core/crypto/kek-keyset';
import type { Randomness } from '../../../lambdas/core/crypto/randomness';
import { unwrapDek, wrapNewDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { isWiped, RecordingRandomness } from './recording-randomness';
import { keksOf } from './test-keys';
import { allThatIsSaidBy, thrownBy } from './thrown-by';

const kek = keksOf(9).primary;
const wrap = (start = 0, under: Kek = kek, provider = 'openai', version = 1): string =>
  wrapNewDek(under, provider, version, new CountingRandomness(start));
const refused = (text: string, under: Kek = kek, provider = 'openai', version = 1): boolean => {
  const { code, reason, message } = thrownBy(() => unwrapDek(under, provider, version, text));
  return code === 'keys_unavailable' && reason === 'unwrap_failed' && !message.includes(text.slice(0, 8) || '-');
};

test('a new DEK is 32 secret bytes, wrapped as 128 characters', () => {
  const text = wrap();
  expect(text).toMatch(/^[A-Za-z0-9+/]{128}$/);
  const dek = unwrapDek(kek, 'openai', 1, text);
  expect(dek).toMatchObject({ provider: 'openai', version: 1 });
  expect(dek.key.export()).toEqual(new CountingRandomness().secretBytes(32));
});

test('it seals and opens', () => {
  const dek = unwrapDek(kek, 'openai', 1, wrap());
  const text = sealToken(dek, {}, 'sk-example-not-a-real-key', new CountingRandomness());
  expect(openToken(unwrapDek(kek, 'openai', 1, wrap()), {}, parseToken(text))).toBe('sk-example-not-a-real-key');
});

test('two DEKs are different', () => {
  const randomness = new RecordingRandomness();
  const keys = [1, 2].map(() => unwrapDek(kek, 'openai', 1, wrapNewDek(kek, 'openai', 1, randomness)).key.export());
  expect(keys[0]).not.toEqual(keys[1]);
});

test('the raw bytes are wiped, also where wrapping fails', () => {
  const randomness = new RecordingRandomness();
  wrapNewDek(kek, 'openai', 1, randomness);
  const failing: Randomness = {
    secretBytes: (size) => randomness.secretBytes(size),
    publicBytes: () => {
      throw new Error('no entropy');
    },
  };
  expect(() => wrapNewDek(kek, 'openai', 1, failing)).toThrow('no entropy');
  expect(randomness.secrets).toHaveLength(2);
  expect(randomness.secrets.every(isWiped)).toBe(true);
});

test('opens for its provider, version and KEK id alone, even under the same key', () => {
  const text = wrap();
  expect(refused(text, kek, 'google')).toBe(true);
  expect(refused(text, kek, 'openai', 2)).toBe(true);
  expect(refused(text, { id: 'kek-10', key: kek.key })).toBe(true);
  expect(refused(text, { id: kek.id, key: keksOf(10).primary.key })).toBe(true);
});

test('every flip of every bit of every character: 0 accepted', () => {
  const text = wrap();
  for (let at = 0; at < text.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const character = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
      expect(refused(text.slice(0, at) + character + text.slice(at + 1))).toBe(true);
    }
  }
});

test('every truncation, and every extension: 0 accepted', () => {
  const text = wrap();
  const bytes = Buffer.from(text, 'base64');
  for (let length = 0; length < text.length; length += 1) expect(refused(text.slice(0, length))).toBe(true);
  for (let length = 0; length < bytes.length; length += 1) {
    expect(refused(bytes.subarray(0, length).toString('base64'))).toBe(true);
  }
  for (const more of ['A', 'AAAA', '=', '\n', ' ']) expect(refused(text + more)).toBe(true);
});

test('the parts of two wrapped DEKs mixed: 0 accepted', () => {
  for (const other of [wrap(50), wrap(60, kek, 'google'), wrap(70, kek, 'openai', 2)]) {
    const parts = [wrap(), other].map((text) => {
      const bytes = Buffer.from(text, 'base64');
      return [bytes.subarray(0, 32), bytes.subarray(32, 48), bytes.subarray(48, 64), bytes.subarray(64)];
    });
    for (let choice = 1; choice < 15; choice += 1) {
      const mixed = Buffer.concat([0, 1, 2, 3].map((part) => parts[(choice >> part) & 1]![part]!));
      expect(refused(mixed.toString('base64'))).toBe(true);
    }
  }
});

test('a token is no wrapped DEK, nor the reverse, even under one key', () => {
  const asDek = { provider: 'openai', version: 1, key: kek.key, tokenHeader: Buffer.alloc(0) };
  const aad = encodeStrings(['kw1-wrap', 'openai', '1', kek.id]);
  const underTokenLabel = sealMessage(kek.key, 'kw1', aad, Buffer.alloc(32, 1), new CountingRandomness());
  expect(refused(underTokenLabel.toString('base64'))).toBe(true);
  const token = parseToken(`kw1.openai.1.${wrap()}`);
  expect(thrownBy(() => openToken({ ...asDek, tokenAadWithoutContext: aad }, {}, token)).code).toBe(
    'decryption_failed',
  );
});

test.each([1, 31, 33, 64])('a wrapped key of %d bytes is refused', (length) => {
  const aad = encodeStrings(['kw1-wrap', 'openai', '1', kek.id]);
  const message = sealMessage(kek.key, 'kw1-wrap', aad, Buffer.alloc(length, 1), new CountingRandomness());
  expect(refused(message.toString('base64'))).toBe(true);
});

test('no error says anything of what was stored', () => {
  const error = thrownBy(() => unwrapDek(kek, 'openai', 1, 'canary canary'));
  expect(allThatIsSaidBy(error)).not.toContain('canary');
});
