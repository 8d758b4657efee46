import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import { tokenSha256 } from '../../lambdas/core/audit/audit-event';
import { credentialContext } from '../../lambdas/core/credentials/credential';
import { verifyKeyset } from '../../lambdas/core/keysets/dek-keyset';
import { toDek } from '../../lambdas/core/crypto/dek';
import { encodeContext } from '../../lambdas/core/crypto/encryption-context';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { parseKekSecret, type Kek } from '../../lambdas/core/crypto/kek-keyset';
import { createHash, createSecretKey } from 'node:crypto';
import { openLegacy, openLegacyDek } from '../../lambdas/core/crypto/legacy';
import { KEY_LABELS } from '../../lambdas/core/crypto/message-key';
import { openToken, parseToken, sealToken } from '../../lambdas/core/crypto/token';
import { unwrapDek } from '../../lambdas/core/crypto/wrapped-dek';
import { saltVectorsText, vectorsText } from './generate';
import { fromHex, report } from './published-vectors';
import type { SaltVectors, TokenVector, Vectors } from './vector-types';

const text = readFileSync(join(__dirname, '../../docs/vectors/kw1.json'), 'utf8');
const vectors = JSON.parse(text) as Vectors;

const reasonOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof KeywardError) return thrown.reason;
    throw thrown;
  }
  return 'accepted';
};
const open = ({
  provider,
  version,
  dek_hex: dek,
  context,
  token,
}: Omit<TokenVector, 'comment' | 'plaintext'>): string =>
  openToken(toDek(provider, version, fromHex(dek)), context, parseToken(token));
const kekOf = (id: string, hex: string): Kek => ({ id, key: createSecretKey(fromHex(hex)) });

test('docs/vectors/kw1.json is what the generator writes', () => {
  expect(text).toBe(vectorsText());
});

test('docs/vectors/kw1.json is as it was first published: what was sealed since then opens the same way', () => {
  expect(createHash('sha256').update(text, 'utf8').digest('hex')).toBe(
    '83a4c4756f9dd0f508443cb7d54d7fa69d03332e9416eefcad560cef89d11c31',
  );
});

const saltText = readFileSync(join(__dirname, '../../docs/vectors/kw1-salt.json'), 'utf8');
const salts = JSON.parse(saltText) as SaltVectors;

test('docs/vectors/kw1-salt.json is what the generator writes', () => {
  expect(saltText).toBe(saltVectorsText());
});

test('every label has a derivation, and no two are alike', () => {
  expect(new Set(salts.derivations.map(({ label }) => label))).toEqual(new Set(KEY_LABELS));
  expect(new Set(salts.derivations.map(({ output_hex: output }) => output)).size).toBe(salts.derivations.length);
});

test.each(salts.tokens)('hedged token: $comment', (vector) => {
  const dek = toDek(vector.provider, vector.version, fromHex(vector.dek_hex));
  const random = fromHex(vector.randomness_hex);
  const fixed = { publicBytes: () => Buffer.from(random), secretBytes: () => Buffer.from(random) };
  const plaintext = vector.plaintext.repeat(vector.plaintext_times);
  const token = sealToken(dek, vector.context, plaintext, fixed);
  expect(parseToken(token).message.subarray(0, 32).toString('hex')).toBe(vector.salt_hex);
  expect(vector.token ?? vector.token_sha256).toBe(vector.token === undefined ? tokenSha256(token) : token);
  expect(openToken(dek, vector.context, parseToken(token))).toBe(plaintext);
});

test('one salt for each hedged token and wrapped DEK, though random bytes repeat', () => {
  const all = [...salts.tokens, ...salts.wrapped_deks];
  expect(new Set(all.map(({ randomness_hex: random }) => random)).size).toBeLessThan(all.length);
  expect(new Set(all.map(({ salt_hex: salt }) => salt)).size).toBe(all.length);
});

test('every section has vectors', () => {
  const { tokens, wrapped_deks: deks, keysets, kek_secrets: secrets, legacy } = vectors;
  const counts = {
    tokens: [tokens.valid.length, tokens.invalid.length],
    wrapped_deks: [deks.valid.length, deks.invalid.length],
    keysets: [keysets.valid.length, keysets.invalid.length],
    kek_secrets: [secrets.valid.length, secrets.invalid.length],
    legacy: [legacy.phase_1.length + legacy.phase_2.length, legacy.invalid.length],
  };
  for (const [valid, invalid] of Object.values(counts)) expect(Math.min(valid!, invalid!)).toBeGreaterThan(0);
  report(`own vectors, valid and invalid: ${JSON.stringify(counts)}`);
});

test.each(vectors.contexts)('context: $comment', ({ context, encoding_hex: encoding }) => {
  expect(encodeContext(context).toString('hex')).toBe(encoding);
});

test.each(vectors.tokens.valid)('token: $comment', (vector) => {
  expect(open(vector)).toBe(vector.plaintext);
});

test.each(vectors.tokens.invalid)('refused token: $comment', (vector) => {
  expect(reasonOf(() => open(vector))).toBe(vector.reason);
});

test.each(vectors.wrapped_deks.valid)('wrapped DEK: $comment', (vector) => {
  const dek = unwrapDek(kekOf(vector.kek_id, vector.kek_hex), vector.provider, vector.version, vector.encrypted_dek);
  expect(dek.key.export().toString('hex')).toBe(vector.dek_hex);
});

test.each(vectors.wrapped_deks.invalid)('refused wrapped DEK: $comment', (vector) => {
  const kek = kekOf(vector.kek_id, vector.kek_hex);
  expect(reasonOf(() => unwrapDek(kek, vector.provider, vector.version, vector.encrypted_dek))).toBe(vector.reason);
});

const keksOf = ({ kek_id: id, kek_hex: hex }: { kek_id: string; kek_hex: string }) => {
  const primary = kekOf(id, hex);
  return { primary, keks: new Map([[id, primary]]), primaryCreatedAt: '2026-11-21T09:00:00.000Z' };
};

test.each(vectors.keysets.valid)('keyset: $comment', (vector) => {
  expect(verifyKeyset(vector.record, vector.provider, keksOf(vector))).toEqual(vector.record);
});

test.each(vectors.keysets.invalid)('refused keyset: $comment', (vector) => {
  expect(reasonOf(() => verifyKeyset(vector.record, vector.provider, keksOf(vector)))).toBe(vector.reason);
});

test.each(vectors.kek_secrets.valid)('KEK secret: $comment', (vector) => {
  const { primary, keks } = parseKekSecret(vector.text);
  const hex = Object.fromEntries([...keks].map(([id, kek]) => [id, kek.key.export().toString('hex')]));
  expect([primary.id, hex]).toEqual([vector.primary, vector.keks_hex]);
});

test.each(vectors.kek_secrets.invalid)('refused KEK secret: $comment', (vector) => {
  expect(reasonOf(() => parseKekSecret(vector.text))).toBe(vector.reason);
});

test.each(vectors.credentials)(
  'credential $name',
  ({ provider, name, metadata, canonical_metadata: canonical, context }) => {
    expect(canonicalJson(metadata)).toBe(canonical);
    expect(credentialContext(provider, name, metadata)).toEqual(context);
  },
);

test.each(vectors.legacy.phase_1)('legacy, phase 1', (vector) => {
  expect(openLegacy(vector.encryption_key, vector.value)).toBe(vector.plaintext);
});

test.each(vectors.legacy.phase_2)('legacy, phase 2', (vector) => {
  expect(openLegacyDek(vector.encryption_key, vector.encrypted_dek)).toBe(vector.dek);
  expect(openLegacy(vector.dek, vector.value)).toBe(vector.plaintext);
});

test.each(vectors.legacy.invalid)('refused legacy value: $comment', (vector) => {
  expect(reasonOf(() => openLegacy(vector.encryption_key, vector.value))).toBe(vector.reason);
});
