import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_PLAINTEXT_BYTES } from '../../lambdas/core/contract/limits';
import { MAX_KEY_VERSION } from '../../lambdas/core/contract/names';
import {
  MAX_CONTEXT_NAME_BYTES,
  MAX_CONTEXT_PAIRS,
  MAX_CONTEXT_VALUE_BYTES,
} from '../../lambdas/core/crypto/encryption-context';
import { MAX_KEK_SECRET_BYTES } from '../../lambdas/core/crypto/kek-keyset';
import { sealedLength } from '../../lambdas/core/crypto/sealed-message';
import { MAX_TOKEN_CHARACTERS } from '../../lambdas/core/crypto/token';
import { saltExample } from './salt-vectors';
import { workedExample } from './worked-example';

const format = readFileSync(join(__dirname, '../../docs/format.md'), 'utf8');

test('the worked example shows the values that the code computes, all of them and no other', () => {
  const shown = Array.from(format.matchAll(/^([a-z]+\.[a-z_0-9]+) = (.+)$/gm), ([, name, value]) => [name, value]);
  expect(Object.fromEntries(shown)).toEqual({ ...workedExample(), ...saltExample() });
});

test('the parts of the example make up its whole', () => {
  const { example } = JSON.parse(readFileSync(join(__dirname, '../../docs/vectors/kw1.json'), 'utf8')) as {
    example: Record<string, string>;
  };
  const whole = (prefix: string): string =>
    Buffer.from(
      ['salt', 'iv', 'tag', 'ciphertext'].map((part) => example[`${prefix}.${part}`]).join(''),
      'hex',
    ).toString('base64');
  expect(example['token.text']).toBe(`kw1.openai.1.${whole('token')}`);
  expect(example['wrap.encrypted_dek']).toBe(whole('wrap'));
  expect(example['token.kdf_output']!.startsWith(example['token.message_key']! + example['token.iv']!)).toBe(true);
});

test('the limits are the ones of the code', () => {
  const formatCount = (value: number): string => value.toLocaleString('en-US');
  for (const sentence of [
    `1 to ${formatCount(MAX_PLAINTEXT_BYTES)} bytes of UTF-8`,
    `${formatCount(MAX_TOKEN_CHARACTERS)} characters; the message ${formatCount(sealedLength(MAX_PLAINTEXT_BYTES))} bytes`,
    `${MAX_CONTEXT_PAIRS} pairs; names of 1 to ${MAX_CONTEXT_NAME_BYTES} bytes, values of 0 to ${formatCount(MAX_CONTEXT_VALUE_BYTES)}`,
    `at most ${formatCount(MAX_KEK_SECRET_BYTES)} bytes`,
    `1 to ${MAX_KEY_VERSION}`,
  ]) {
    expect(format).toContain(sentence);
  }
});
