import { openLegacy, openLegacyDek } from '../../../lambdas/core/crypto/legacy';
import { sealLegacy } from '../../vectors/seal-legacy';
import { allThatIsSaidBy, failsAsDecryption, thrownBy } from './thrown-by';

const ENCRYPTION_KEY = 'not-a-real-encryption-key';
const salt = Buffer.alloc(32, 1);
const iv = Buffer.alloc(16, 2);
const value = sealLegacy(ENCRYPTION_KEY, salt, iv, Buffer.from('sk-example-not-a-real-key'));
const dek = Buffer.alloc(32, 3).toString('base64');
const encryptedDek = sealLegacy(ENCRYPTION_KEY, salt, iv, Buffer.from(dek));

test('phase 1: a value under ENCRYPTION_KEY', () => {
  expect(openLegacy(ENCRYPTION_KEY, value)).toBe('sk-example-not-a-real-key');
});

test('phase 2: a DEK under ENCRYPTION_KEY, a value under the text of the DEK', () => {
  expect(encryptedDek).toHaveLength(144);
  expect(openLegacyDek(ENCRYPTION_KEY, encryptedDek)).toBe(dek);
  expect(openLegacy(dek, sealLegacy(dek, salt, iv, Buffer.from('sk-example-ünïcödé')))).toBe('sk-example-ünïcödé');
});

test('a wrong key does not open', () => {
  expect(thrownBy(() => openLegacy('another-key', value)).reason).toBe('authentication_failed');
});

test('a flip in each part, and in the last bit, is refused', () => {
  const bytes = Buffer.from(value, 'base64');
  for (const at of [0, 31, 32, 47, 48, 63, 64, bytes.length - 1]) {
    const flipped = Buffer.from(bytes);
    flipped[at] = flipped[at]! ^ 1;
    expect(failsAsDecryption(() => openLegacy(ENCRYPTION_KEY, flipped.toString('base64')))).toBe(true);
  }
});

test.each([
  ['nothing', ''],
  ['no data after the tag', Buffer.alloc(64).toString('base64')],
  ['the URL alphabet', value.replaceAll('A', '-')],
  ['a line break', `${value}\n`],
  ['a token', `kw1.openai.1.${value}`],
])('%s is refused before the costly key is derived', (_what, text) => {
  expect(thrownBy(() => openLegacy(ENCRYPTION_KEY, text))).toMatchObject({
    code: 'decryption_failed',
    reason: 'malformed_token',
  });
});

test('data that is not UTF-8 is refused and not repaired', () => {
  const broken = sealLegacy(ENCRYPTION_KEY, salt, iv, Buffer.of(0x61, 0xff));
  expect(thrownBy(() => openLegacy(ENCRYPTION_KEY, broken)).reason).toBe('malformed_token');
});

test.each([
  ['of another length', value],
  ['that holds 44 characters that are not base64', sealLegacy(ENCRYPTION_KEY, salt, iv, Buffer.alloc(44, '!'))],
  [
    'that holds base64 of 33 bytes',
    sealLegacy(ENCRYPTION_KEY, salt, iv, Buffer.from(Buffer.alloc(33).toString('base64'))),
  ],
  ['that holds fewer characters of more bytes', sealLegacy(ENCRYPTION_KEY, salt, iv, Buffer.from('é'.repeat(22)))],
])('an encrypted DEK %s is refused', (_what, text) => {
  const error = thrownBy(() => openLegacyDek(ENCRYPTION_KEY, text));
  expect(error).toMatchObject({ code: 'decryption_failed', reason: 'malformed_token' });
});

test('no error says anything of the secret or the value', () => {
  for (const text of ['canary!', Buffer.from('canary'.repeat(20)).toString('base64')]) {
    const said = allThatIsSaidBy(thrownBy(() => openLegacy('canary-key', text)));
    expect(said).not.toContain('canary');
    expect(said).not.toContain(text);
  }
});
