import { createHash, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { credentialContext } from '../../lambdas/core/credentials/credential';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import { toDek } from '../../lambdas/core/crypto/dek';
import { checkCallerContext } from '../../lambdas/core/crypto/encryption-context';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import { openToken, parseToken } from '../../lambdas/core/crypto/token';
import { isProof } from '../../lambdas/core/dek-rotation/dek-proof';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { verifyKeyset } from '../../lambdas/core/keysets/dek-keyset';
import { runs } from '../effort';
import { edgeVectorsText } from './generate';
import { fromHex } from './published-vectors';
import * as second from './second-implementation';
import { readJson, writeJson } from './second-json';
import { isKeyset } from './second-keyset';
import type { EdgeVectors, InvalidTokenVector } from './vector-types';

/** Each vector twice: by the product, and by the implementation that is written from docs/format.md alone. */

const text = readFileSync(join(__dirname, '../../docs/vectors/kw1-edges.json'), 'utf8');
const vectors = JSON.parse(text) as EdgeVectors;

const refusalOf = (run: () => unknown): KeywardError | undefined => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof KeywardError) return thrown;
    throw thrown;
  }
  return undefined;
};

test('docs/vectors/kw1-edges.json is what the generator writes', () => {
  expect(text).toBe(edgeVectorsText());
});

test('docs/vectors/kw1-edges.json is as it was first published', () => {
  expect(createHash('sha256').update(text, 'utf8').digest('hex')).toBe(
    '6d8101f044bd7e7d645858ba60e83ab964d238d3da3a1c91626cf6aa79e13b78',
  );
});

test('every reader can take the file itself, and each section has vectors', () => {
  expect(text.isWellFormed()).toBe(true);
  // A lone surrogate stands in a text of JSON alone, where it is escaped twice.
  expect(text).not.toMatch(/(?<!\\)\\u[dD][89a-fA-F]/);
  const { json, caller_contexts: contexts, tokens, keysets, proofs, credentials } = vectors;
  for (const { valid, invalid } of [json, contexts, tokens, keysets, proofs]) {
    expect(Math.min(valid.length, invalid.length)).toBeGreaterThan(1);
  }
  expect(credentials.length).toBeGreaterThan(1);
});

test.each(vectors.json.valid)('JSON: $comment', ({ text: given, canonical }) => {
  expect(canonicalJson(parseStrictJson(given))).toBe(canonical);
  expect(writeJson(readJson(given)!)).toBe(canonical);
  expect(canonicalJson(parseStrictJson(canonical))).toBe(canonical);
});

test.each(vectors.json.invalid)('refused JSON: $comment', ({ text: given }) => {
  expect(parseStrictJson(given)).toBeUndefined();
  expect(readJson(given)).toBeUndefined();
});

test('both readers judge texts that are nearly JSON alike', () => {
  const parts = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"\\u0061"',
    '"__proto__"',
    '"\\ud83d',
    '\\ude00"',
    '"',
    '1',
    '-',
    '0.',
    '10',
    'e-7',
    '5',
    ' ',
    'null',
  ];
  const piece = fc.oneof(fc.constantFrom(...parts), fc.string({ unit: 'binary', maxLength: 2 }));
  const near = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.tuple(fc.json(), fc.nat(), piece).map(([json, at, put]) => {
      const place = at % (json.length + 1);
      return json.slice(0, place) + put + json.slice(place + 1);
    }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.bigInt(), fc.integer({ min: -30, max: 30 })).map(([digits, power]) => `${digits}e${power}`),
  );
  fc.assert(
    fc.property(near, (given) => {
      const ours = parseStrictJson(given);
      const theirs = readJson(given);
      expect([given, theirs === undefined ? 'refused' : writeJson(theirs)]).toEqual([
        given,
        ours === undefined ? 'refused' : canonicalJson(ours),
      ]);
    }),
    { numRuns: runs(20_000) },
  );
});

test.each(vectors.caller_contexts.valid)('context: $comment', ({ context }) => {
  expect(
    refusalOf(() => {
      checkCallerContext(context);
    }),
  ).toBeUndefined();
  expect(second.isCallerContext(context)).toBe(true);
});

test.each(vectors.caller_contexts.invalid)('refused context: $comment', ({ context }) => {
  expect(
    refusalOf(() => {
      checkCallerContext(context);
    })?.code,
  ).toBe('invalid_request');
  expect(second.isCallerContext(context)).toBe(false);
});

const open = ({ provider, version, dek_hex: dek, context, token }: Omit<InvalidTokenVector, 'comment' | 'reason'>) =>
  openToken(toDek(provider, version, fromHex(dek)), context, parseToken(token));
const dekOf = ({ provider, version, dek_hex: dek }: { provider: string; version: number; dek_hex: string }) => ({
  provider,
  version,
  key: fromHex(dek),
});

test.each(vectors.tokens.valid)('token: $comment', async (vector) => {
  const plaintext = vector.plaintext.repeat(vector.plaintext_times);
  expect(open(vector)).toBe(plaintext);
  expect(await second.openToken(dekOf(vector), vector.context, vector.token)).toBe(plaintext);
});

test.each(vectors.tokens.invalid)('refused token: $comment', async (vector) => {
  expect(refusalOf(() => open(vector))).toMatchObject({ code: 'decryption_failed', reason: vector.reason });
  expect(await second.openToken(dekOf(vector), vector.context, vector.token)).toBeUndefined();
});

function verify({ record_text: record, provider, kek_id: id, kek_hex: hex }: EdgeVectors['keysets']['valid'][number]) {
  const primary = { id, key: createSecretKey(fromHex(hex)) };
  return verifyKeyset(JSON.parse(record), provider, { primary, keks: new Map([[id, primary]]), primaryCreatedAt: '' });
}

test.each(vectors.keysets.valid)('keyset: $comment', async (vector) => {
  expect(verify(vector)).toEqual(parseStrictJson(vector.record_text));
  expect(await isKeyset(vector.kek_id, fromHex(vector.kek_hex), vector.provider, vector.record_text)).toBe(true);
});

test.each(vectors.keysets.invalid)('refused keyset: $comment', async (vector) => {
  // What is wrong with the text is refused where it is read, and a value cannot have it.
  if (parseStrictJson(vector.record_text) !== undefined) {
    expect(refusalOf(() => verify(vector))?.reason).toBe(vector.reason);
  }
  expect(await isKeyset(vector.kek_id, fromHex(vector.kek_hex), vector.provider, vector.record_text)).toBe(false);
});

test('keysets are refused in both ways: for the text, and for the value', () => {
  const texts = vectors.keysets.invalid.filter(({ record_text: record }) => parseStrictJson(record) === undefined);
  expect(texts.length).toBeGreaterThan(4);
  expect(vectors.keysets.invalid.length - texts.length).toBeGreaterThan(4);
});

test.each(vectors.proofs.valid)('proof: $comment', async (vector) => {
  const { provider, version, dek_hex: dek, region, proof } = vector;
  expect(isProof(proof, toDek(provider, version, fromHex(dek)), vector, region)).toBe(true);
  expect(await second.proof(fromHex(dek), vector, region)).toBe(proof);
});

test.each(vectors.proofs.invalid)('refused proof: $comment', async (vector) => {
  const { provider, version, dek_hex: dek, region, proof } = vector;
  expect(isProof(proof, toDek(provider, version, fromHex(dek)), vector, region)).toBe(false);
  expect(await second.proof(fromHex(dek), vector, region)).not.toBe(proof);
});

test.each(vectors.credentials)('credential with the metadata $metadata_text', async (vector) => {
  const { provider, name, metadata_text: metadata, canonical_metadata: canonical, context } = vector;
  const value = parseStrictJson(metadata) as Readonly<Record<string, never>>;
  expect(canonicalJson(value)).toBe(canonical);
  expect(credentialContext(provider, name, value)).toEqual(context);
  expect(writeJson(readJson(metadata)!)).toBe(canonical);
  expect(await second.credentialPairs(provider, name, JSON.parse(canonical))).toEqual(context);
});
