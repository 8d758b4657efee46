import { createHmac, createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { MAX_PLAINTEXT_BYTES } from '../../../lambdas/core/contract/limits';
import { MAX_KEY_VERSION } from '../../../lambdas/core/contract/names';
import { toDek, type Dek } from '../../../lambdas/core/crypto/dek';
import type { EncryptionContext } from '../../../lambdas/core/crypto/encryption-context';
import { sealMessage } from '../../../lambdas/core/crypto/sealed-message';
import { MAX_TOKEN_CHARACTERS, openToken, parseToken, sealToken } from '../../../lambdas/core/crypto/token';
import { runs } from '../../effort';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { RecordingRandomness } from './recording-randomness';
import { dekOf, material } from './test-keys';
import { allThatIsSaidBy, failsAsDecryption, thrownBy } from './thrown-by';

const API_KEY = `sk-example-not-a-real-key-${'x'.repeat(82)}`;
const CONTEXT: EncryptionContext = { tenant: 'a', purpose: 'test' };
const dek = dekOf('openai', 1);
const seal = (start = 0, under: Dek = dek, context = CONTEXT, plaintext = API_KEY): string =>
  sealToken(under, context, plaintext, new CountingRandomness(start));

/**
 * What anybody may try with a text: read it, take the key that it names, open. One material for all names, so that a
 * changed header has nothing but the authentication against it.
 */
const open = (text: string, context = CONTEXT): string => {
  const token = parseToken(text);
  return openToken(toDek(token.provider, token.version, material(1)), context, token);
};
const refused = (text: string): boolean => failsAsDecryption(() => open(text));
const reasonOf = (text: string): string | undefined => thrownBy(() => open(text)).reason;

const wellFormed = (text: string): boolean => text.isWellFormed();
const someText = fc.string({ unit: 'binary' }).filter(wellFormed);
const someName = fc.string({ unit: 'binary', maxLength: 20 }).filter(wellFormed);
const someProvider = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,49}$/);

describe('round trip', () => {
  test('every text under every header and context comes back', () => {
    fc.assert(
      fc.property(
        someText.filter((text) => text !== ''),
        fc.dictionary(someName, someName, { maxKeys: 16 }),
        someProvider,
        fc.integer({ min: 1, max: MAX_KEY_VERSION }),
        (plaintext, context, provider, version) => {
          const text = sealToken(dekOf(provider, version), context, plaintext, new RecordingRandomness());
          expect(parseToken(text)).toMatchObject({ provider, version });
          expect(openToken(dekOf(provider, version), context, parseToken(text))).toBe(plaintext);
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test('a 108-byte API key has a body of 232 characters', () => {
    expect(Buffer.byteLength(API_KEY)).toBe(108);
    expect(
      seal()
        .split('.')
        .map((part) => part.length),
    ).toEqual([3, 6, 1, 232]);
  });

  test('no two tokens of one text are alike', () => {
    const randomness = new RecordingRandomness();
    const tokens = Array.from({ length: 1000 }, () => sealToken(dek, CONTEXT, API_KEY, randomness));
    expect(new Set(tokens).size).toBe(1000);
    expect(randomness.secrets).toHaveLength(0);
  });

  test('the longest text under the longest header fits', () => {
    const long = dekOf('x'.repeat(50), MAX_KEY_VERSION);
    const text = seal(0, long, CONTEXT, 'x'.repeat(MAX_PLAINTEXT_BYTES));
    expect(text).toHaveLength(MAX_TOKEN_CHARACTERS);
    expect(open(text)).toHaveLength(MAX_PLAINTEXT_BYTES);
    expect(open(seal(0, dek, CONTEXT, 'é'.repeat(MAX_PLAINTEXT_BYTES / 2)))).toHaveLength(MAX_PLAINTEXT_BYTES / 2);
  });

  test.each([
    ['nothing', '', /1 to 32768 bytes/],
    ['a byte too much', `canary${'x'.repeat(MAX_PLAINTEXT_BYTES - 5)}`, /1 to 32768 bytes/],
    ['too much in bytes alone', 'é'.repeat(MAX_PLAINTEXT_BYTES / 2 + 1), /1 to 32768 bytes/],
    ['a lone surrogate', 'canary\ud83d', /well-formed/],
  ])('%s is not sealed', (_what, plaintext, message) => {
    const error = thrownBy(() => seal(0, dek, CONTEXT, plaintext));
    expect(error.code).toBe('invalid_request');
    expect(error.message).toMatch(message);
    expect(allThatIsSaidBy(error)).not.toContain('canary');
  });
});

describe('nothing but the token itself opens', () => {
  const token = seal();

  test('every flip of every bit of every character, header and body: 0 accepted', () => {
    let count = 0;
    for (let at = 0; at < token.length; at += 1) {
      for (let bit = 0; bit < 16; bit += 1) {
        const character = String.fromCharCode(token.charCodeAt(at) ^ (1 << bit));
        expect(refused(token.slice(0, at) + character + token.slice(at + 1))).toBe(true);
        count += 1;
      }
    }
    expect(count).toBe(245 * 16);
  });

  test('every other character of the alphabet in every place of the body: 0 accepted', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';
    for (let at = token.lastIndexOf('.') + 1; at < token.length; at += 1) {
      for (const character of alphabet.replace(token.charAt(at), '')) {
        expect(refused(token.slice(0, at) + character + token.slice(at + 1))).toBe(true);
      }
    }
  });

  test('every truncation, from either end: 0 accepted', () => {
    for (let length = 0; length < token.length; length += 1) {
      expect(refused(token.slice(0, length))).toBe(true);
      expect(refused(token.slice(token.length - length))).toBe(true);
    }
  });

  test('every character added anywhere, every character left out: 0 accepted', () => {
    for (let at = 0; at <= token.length; at += 1) {
      for (const character of ['A', '=', '.', '0', '1', ' ', '\n', '\0', '\u0661', '\ud800']) {
        const longer = token.slice(0, at) + character + token.slice(at);
        expect(refused(longer)).toBe(true);
      }
      if (at < token.length) expect(refused(token.slice(0, at) + token.slice(at + 1))).toBe(true);
    }
  });

  test('two neighbours changed places: 0 accepted', () => {
    for (let at = 0; at + 1 < token.length; at += 1) {
      const swapped = token.slice(0, at) + token.charAt(at + 1) + token.charAt(at) + token.slice(at + 2);
      if (swapped !== token) expect(refused(swapped)).toBe(true);
    }
  });

  test('the parts of two tokens mixed, and the header of one on the body of the other: 0 accepted', () => {
    const others = [
      seal(99, dek, CONTEXT, `sk-example-not-a-real-key-${'y'.repeat(82)}`),
      seal(5, dekOf('google', 1)),
      seal(6, dekOf('openai', 2)),
      seal(7, dekOf('openai', 11)),
    ];
    const bytesOf = (text: string): Buffer => parseToken(text).message;
    const cut = (bytes: Buffer): Buffer[] => [
      bytes.subarray(0, 32),
      bytes.subarray(32, 48),
      bytes.subarray(48, 64),
      bytes.subarray(64),
    ];
    for (const other of others) {
      const headers = [token, other].map((text) => text.slice(0, text.lastIndexOf('.') + 1));
      const parts = [cut(bytesOf(token)), cut(bytesOf(other))];
      let mixes = 0;
      for (const [index, header] of headers.entries()) {
        for (let choice = 0; choice < 16; choice += 1) {
          const body = Buffer.concat([0, 1, 2, 3].map((part) => parts[(choice >> part) & 1]![part]!));
          const mixed = header + body.toString('base64');
          if (mixed === token || mixed === other) continue;
          expect([index, choice, refused(mixed)]).toEqual([index, choice, true]);
          mixes += 1;
        }
      }
      expect(mixes).toBe(headers[0] === headers[1] ? 28 : 30);
    }
  });

  test('a digit may not move from the version to the end of the provider', () => {
    const body = seal(7, dekOf('openai', 11)).split('.')[3]!;
    for (const header of ['kw1.openai1.1.', 'kw1.openai.1.', 'kw1.openai.111.'])
      expect(refused(header + body)).toBe(true);
  });

  test('another context: 0 accepted', () => {
    const contexts: EncryptionContext[] = [
      {},
      { tenant: 'a' },
      { tenant: 'a', purpose: 'test', more: '' },
      { tenant: 'a', purpose: 'Test' },
      { tenant: 'a', Purpose: 'test' },
      { tenant: 'atest', purpose: '' },
      { tenantpurpose: 'atest' },
      { purpose: 'a', tenant: 'test' },
    ];
    for (const context of contexts) expect(failsAsDecryption(() => open(token, context))).toBe(true);
    expect(open(token, { purpose: 'test', tenant: 'a' })).toBe(API_KEY);
  });

  test('an empty context is one, and not a wildcard', () => {
    const bare = seal(0, dek, {});
    expect(open(bare, {})).toBe(API_KEY);
    expect(failsAsDecryption(() => open(bare, CONTEXT))).toBe(true);
    expect(failsAsDecryption(() => open(bare, { '': '' }))).toBe(true);
  });

  test('a separator shifted between name and value: 0 accepted', () => {
    const shifted = seal(0, dek, { 'a=b|c': 'd' });
    expect(open(shifted, { 'a=b|c': 'd' })).toBe(API_KEY);
    for (const context of [{ 'a=b': 'c|d' }, { a: 'b|c=d' }, { 'a=b|c=d': '' }, { a: 'b', c: 'd' }]) {
      expect(failsAsDecryption(() => open(shifted, context))).toBe(true);
    }
  });

  test('a context with a lone surrogate is never taken for the one with U+FFFD in its place', () => {
    const replaced = seal(0, dek, { a: '\ufffd' });
    expect(open(replaced, { a: '\ufffd' })).toBe(API_KEY);
    expect(() => open(replaced, { a: '\ud800' })).toThrow(RangeError);
  });

  test('another key of the same name', () => {
    expect(thrownBy(() => openToken(dekOf('openai', 1, 2), CONTEXT, parseToken(token))).reason).toBe(
      'commitment_mismatch',
    );
  });

  test('the key of another provider or version is not even tried', () => {
    expect(thrownBy(() => openToken(dekOf('google', 1), CONTEXT, parseToken(token))).reason).toBe('provider_mismatch');
    expect(thrownBy(() => openToken(dekOf('openai', 2), CONTEXT, parseToken(token))).reason).toBe('unknown_version');
  });
});

describe('spelling', () => {
  const token = seal();
  const body = token.slice(token.lastIndexOf('.') + 1);

  test.each([
    ['nothing', '', 'malformed_token'],
    ['the format alone', 'kw1', 'malformed_token'],
    ['the format and a point', 'kw1.', 'malformed_token'],
    ['no version', 'kw1.openai', 'malformed_token'],
    ['no version after the point', 'kw1.openai.', 'malformed_token'],
    ['no body', 'kw1.openai.1', 'malformed_token'],
    ['no body, a version of two digits', 'kw1.openai.12', 'malformed_token'],
    ['an empty body', 'kw1.openai.1.', 'malformed_token'],
    ['an empty provider', `kw1..1.${body}`, 'malformed_token'],
    ['an empty version', `kw1.openai..${body}`, 'malformed_token'],
    ['another format', `kw2.openai.1.${body}`, 'malformed_token'],
    ['the format in capitals', `KW1.openai.1.${body}`, 'malformed_token'],
    ['a provider in capitals', `kw1.OPENAI.1.${body}`, 'malformed_token'],
    ['a provider with a long s', `kw1.openaiſ.1.${body}`, 'malformed_token'],
    ['a provider that is too long', `kw1.${'x'.repeat(51)}.1.${body}`, 'malformed_token'],
    ['version 0', `kw1.openai.0.${body}`, 'malformed_token'],
    ['a leading zero', `kw1.openai.01.${body}`, 'malformed_token'],
    ['a sign', `kw1.openai.+1.${body}`, 'malformed_token'],
    ['a version beyond 32 bits', `kw1.openai.4294967297.${body}`, 'malformed_token'],
    ['a fifth part', `kw1.openai.1.${body}.`, 'non_canonical_base64'],
    ['a line break at the end', `${token}\n`, 'non_canonical_base64'],
    ['a space in front', ` ${token}`, 'malformed_token'],
    ['padding left out', token.replace(/=+$/, ''), 'non_canonical_base64'],
    [
      'the URL alphabet',
      `kw1.openai.1.${Buffer.alloc(99, 0xff).toString('base64').replaceAll('/', '_')}`,
      'non_canonical_base64',
    ],
    ['64 bytes, which leave no ciphertext', `kw1.openai.1.${Buffer.alloc(64).toString('base64')}`, 'malformed_token'],
    ['a legacy value', body, 'legacy_format'],
    ['base64 that is too short for a legacy value', Buffer.alloc(63).toString('base64'), 'malformed_token'],
    ['a legacy value that is not canonical', body.replace('=', ''), 'malformed_token'],
    ['a text without points', 'not a token', 'malformed_token'],
    ['a JSON Web Token', 'eyJhbGciOiJub25lIn0.e30.', 'malformed_token'],
    ['only points', '....', 'malformed_token'],
  ])('%s is refused', (_what, text, reason) => {
    expect(refused(text)).toBe(true);
    expect(reasonOf(text)).toBe(reason);
  });

  test('trailing bits that are not zero', () => {
    const odd = seal(0, dek, CONTEXT, `${API_KEY}x`);
    expect(odd.endsWith('=')).toBe(true);
    const at = odd.indexOf('=') - 1;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    let sameBytes = 0;
    for (const character of alphabet.replace(odd.charAt(at), '')) {
      const text = odd.slice(0, at) + character + odd.slice(at + 1);
      const bytes = Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64');
      if (bytes.equals(parseToken(odd).message)) sameBytes += 1;
      expect(refused(text)).toBe(true);
    }
    expect(sameBytes).toBeGreaterThan(0);
  });

  test('anything at all either parses to what spells it again, or is refused', () => {
    const nearly = fc
      .tuple(fc.constantFrom('kw1', 'kw2', ''), someProvider, fc.nat(20), fc.base64String({ maxLength: 200 }))
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' })), (text) => {
        let spelled: string | undefined;
        try {
          const { provider, version, message } = parseToken(text);
          spelled = `kw1.${provider}.${version}.${message.toString('base64')}`;
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'decryption_failed' });
        }
        expect([undefined, text]).toContain(spelled);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('a text that is too long is refused before it is looked at', () => {
    expect(reasonOf(`kw1.openai.1.${'A'.repeat(MAX_TOKEN_CHARACTERS)}`)).toBe('malformed_token');
    expect(reasonOf('.'.repeat(5_000_000))).toBe('malformed_token');
  });

  test('a message of a byte more than the longest is refused, though the text would fit', () => {
    const message = sealMessage(
      dek.key,
      'kw1',
      Buffer.alloc(0),
      Buffer.alloc(MAX_PLAINTEXT_BYTES + 1),
      new CountingRandomness(),
    );
    const text = `kw1.openai.1.${message.toString('base64')}`;
    expect(text.length).toBeLessThanOrEqual(MAX_TOKEN_CHARACTERS);
    expect(thrownBy(() => parseToken(text)).reason).toBe('malformed_token');
  });

  test('no error says anything of the text', () => {
    const canary = 'canary0123456789';
    for (const text of [
      canary,
      `kw1.${canary}`,
      `kw1.openai.${canary}.AAAA`,
      `kw1.openai.1.${canary}!`,
      `kw1.openai.1.${canary.repeat(8)}`,
    ]) {
      expect(allThatIsSaidBy(thrownBy(() => open(text, { tenant: canary })))).not.toContain(canary);
    }
  });
});

test('a plaintext that is not UTF-8, which Keyward never seals, is refused and not repaired', () => {
  const message = sealMessage(
    dek.key,
    'kw1',
    dek.tokenAadWithoutContext,
    Buffer.of(0x61, 0xff),
    new CountingRandomness(),
  );
  expect(thrownBy(() => openToken(dek, {}, { provider: 'openai', version: 1, message })).reason).toBe(
    'malformed_token',
  );
});

test('plain AES-256-GCM of the same layout, without our derivation, does not open', () => {
  const salt = Buffer.alloc(32, 5);
  const derived = createHmac('sha512', material(1)).update(salt).digest();
  const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), derived.subarray(32, 48));
  cipher.setAAD(dek.tokenAadWithoutContext);
  const ciphertext = Buffer.concat([cipher.update(API_KEY), cipher.final()]);
  const message = Buffer.concat([salt, derived.subarray(32, 48), cipher.getAuthTag(), ciphertext]);
  expect(failsAsDecryption(() => openToken(dek, {}, { provider: 'openai', version: 1, message }))).toBe(true);
});
