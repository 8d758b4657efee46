import {
  checkCredentialMetadata,
  credentialContext,
  hintOf,
  isCredentialName,
  isTombstone,
  MAX_METADATA_BYTES,
  MAX_METADATA_DEPTH,
  MAX_METADATA_MEMBERS,
  shownHint,
  type CredentialMetadata,
  type CredentialRecord,
} from '../../../lambdas/core/credentials/credential';
import { checkCallerContext } from '../../../lambdas/core/crypto/encryption-context';
import { openToken, parseToken, sealToken } from '../../../lambdas/core/crypto/token';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { CREATED_AT, dekOf } from '../crypto/test-keys';
import { allThatIsSaidBy, failsAsDecryption, thrownBy } from '../crypto/thrown-by';

test.each(['a', 'default', 'A-1_b.c', '0', `a${'b'.repeat(127)}`])('%p is a name', (name) => {
  expect(isCredentialName(name)).toBe(true);
});

test.each(['', '.a', '-a', '_a', 'a b', 'a/b', 'a\n', 'é', 'ſ', 'a\u212a', 'a\0', `a${'b'.repeat(128)}`, '../a'])(
  '%p is not a name',
  (name) => {
    expect(isCredentialName(name)).toBe(false);
  },
);

test('a tombstone is told from a credential', () => {
  const place = { provider: 'openai', name: 'default', revision: 1, write_id: 'w' };
  const record: CredentialRecord = {
    ...place,
    ciphertext: 'kw1.openai.1.AAAA',
    key_version: 1,
    hint: '',
    metadata: {},
    created_at: CREATED_AT,
    updated_at: CREATED_AT,
  };
  expect(isTombstone({ ...place, deleted_at: CREATED_AT })).toBe(true);
  expect(isTombstone(record)).toBe(false);
});

test.each([
  ['', ''],
  ['sk-example', ''],
  ['fifteen-charact', ''],
  ['sixteen-characte', 'acte'],
  ['sk-example-not-a-real-key', '-key'],
  ['{"type":"service_account"}', ''],
  ['-----BEGIN A-----\nAAAA\n-----END A-----', ''],
  ['sk-example-not-a-real-key\n', ''],
  [`${'x'.repeat(16)}a😀b😀`, ''],
])('of %p the hint is %p', (apiKey, hint) => {
  expect(hintOf(apiKey)).toBe(hint);
});

test.each([
  ['', ''],
  ['-key', '-key'],
  ['a--=', 'a--='],
  // Stored before documents had one.
  ['m"\n}', ''],
  ['"\n}\n', ''],
  ['m"}}', ''],
  ['---\n', ''],
  ['----', ''],
  ['b😀', ''],
])('of the stored hint %p a list shows %p', (hint, shown) => {
  expect(shownHint(hint)).toBe(shown);
});

const nested = (levels: number): CredentialMetadata => {
  let value: CredentialMetadata = {};
  for (let level = 1; level < levels; level += 1) value = { a: value };
  return value;
};

const members = (count: number): CredentialMetadata =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, index]));

/** `{"a":"…"}` of exactly this many bytes, in two-byte characters. */
const ofBytes = (bytes: number): CredentialMetadata => ({ a: 'é'.repeat((bytes - 8) / 2) });

test.each<[string, CredentialMetadata]>([
  ['nothing', {}],
  ['every kind of value', { a: null, b: true, c: 1.5, d: 'text', e: [1, ['x']], f: { g: {} } }],
  ['numbers at the limits', { a: 1e100, b: -1e-100, c: 0, d: -0 }],
  ['as many members as may be', members(MAX_METADATA_MEMBERS)],
  ['as deep as may be', nested(MAX_METADATA_DEPTH)],
  ['as long as may be', ofBytes(MAX_METADATA_BYTES)],
])('metadata may be %s', (_what, metadata) => {
  expect(() => {
    checkCredentialMetadata(metadata);
  }).not.toThrow();
});

test.each<[string, unknown, RegExp]>([
  ['too many members', members(MAX_METADATA_MEMBERS + 1), /more than 32 members/],
  ['too deep', nested(MAX_METADATA_DEPTH + 1), /deeper than 4 levels/],
  ['too deep in arrays', { a: [[[[]]]] }, /deeper than 4 levels/],
  ['too long', ofBytes(MAX_METADATA_BYTES + 2), /more than 8192 bytes/],
  ['a number too large', { canary: [1.1e100] }, /number out of range/],
  ['a number too small', { canary: 9e-101 }, /number out of range/],
  ['NaN', { canary: NaN }, /number out of range/],
  ['infinity', { canary: Infinity }, /number out of range/],
  ['a name that DynamoDB refuses', { '': 'canary' }, /without a name/],
  [
    'a name that its client would take for a prototype',
    JSON.parse('{"a":[{"__proto__":{"canary":1}}]}'),
    /named __proto__/,
  ],
  ['a lone surrogate', { a: 'canary\ud800' }, /well-formed/],
  ['a lone surrogate in a name', { 'canary\udfff': 1 }, /well-formed/],
  ['what JSON has not', { a: new Set(['canary']) }, /not JSON/],
])('metadata with %s is refused, and not repeated', (_what, metadata, message) => {
  const error = thrownBy(() => {
    checkCredentialMetadata(metadata as CredentialMetadata);
  });
  expect(error.code).toBe('invalid_request');
  expect(error.message).toMatch(message);
  expect(allThatIsSaidBy(error)).not.toContain('canary');
});

describe('the binding of a stored credential', () => {
  const dek = dekOf('openai', 1);
  const sealed = sealToken(
    dek,
    credentialContext('openai', 'default', { url: 'https://a.example', n: 1 }),
    'sk-example-not-a-real-key',
    new CountingRandomness(),
  );
  const opens = (context: ReturnType<typeof credentialContext>): string => openToken(dek, context, parseToken(sealed));

  test('opens in its place, whatever the order of its metadata', () => {
    expect(opens(credentialContext('openai', 'default', { n: 1, url: 'https://a.example' }))).toBe(
      'sk-example-not-a-real-key',
    );
  });

  test.each<[string, ReturnType<typeof credentialContext>]>([
    ['another name', credentialContext('openai', 'other', { url: 'https://a.example', n: 1 })],
    ['another provider', credentialContext('google', 'default', { url: 'https://a.example', n: 1 })],
    ['another value', credentialContext('openai', 'default', { url: 'https://b.example', n: 1 })],
    ['another type', credentialContext('openai', 'default', { url: 'https://a.example', n: '1' })],
    ['a member less', credentialContext('openai', 'default', { url: 'https://a.example' })],
    ['a member more', credentialContext('openai', 'default', { url: 'https://a.example', n: 1, x: null })],
    ['no context', {}],
  ])('does not open with %s', (_what, context) => {
    expect(failsAsDecryption(() => opens(context))).toBe(true);
  });

  test('cannot be presented by a caller', () => {
    const error = thrownBy(() => {
      checkCallerContext(credentialContext('openai', 'default', {}));
    });
    expect(error.code).toBe('invalid_request');
  });

  test('metadata that was edited into what JSON has not is a damaged credential', () => {
    for (const bad of [{ canary: 1n }, { a: new Set(['canary']) }, Object.create({ canary: 1 }) as object]) {
      const error = thrownBy(() => credentialContext('openai', 'default', bad as CredentialMetadata));
      expect(error).toMatchObject({ code: 'credential_damaged', reason: 'credential_damaged' });
      expect(allThatIsSaidBy(error)).not.toContain('canary');
    }
  });
});
