import { createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeCanonicalBase64 } from '../../lambdas/core/crypto/canonical-base64';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import { credentialContext } from '../../lambdas/core/credentials/credential';
import { tokenSha256 } from '../../lambdas/core/audit/audit-event';
import { toDek } from '../../lambdas/core/crypto/dek';
import { newKeyset, verifyKeyset } from '../../lambdas/core/keysets/dek-keyset';
import { encodeContext } from '../../lambdas/core/crypto/encryption-context';
import { openToken, parseToken, sealToken } from '../../lambdas/core/crypto/token';
import { unwrapDek, wrapNewDek } from '../../lambdas/core/crypto/wrapped-dek';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import { runs } from '../effort';
import * as second from './second-implementation';
import { fromHex } from './published-vectors';
import type { SaltVectors, Vectors } from './vector-types';

const vectors = JSON.parse(readFileSync(join(__dirname, '../../docs/vectors/kw1.json'), 'utf8')) as Vectors;

const salts = JSON.parse(readFileSync(join(__dirname, '../../docs/vectors/kw1-salt.json'), 'utf8')) as SaltVectors;

const randomness: Randomness = { publicBytes: (size) => randomBytes(size), secretBytes: (size) => randomBytes(size) };
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const wellFormed = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => text.isWellFormed());
const context = fc.dictionary(wellFormed, wellFormed, { maxKeys: 5 });
const provider = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,49}$/);
const version = fc.integer({ min: 1, max: 2_147_483_647 });
const plaintext = wellFormed.filter((text) => text !== '');

/** What the domain says of a token: its plaintext, or undefined. */
function ours(dek: second.NamedKey, pairs: second.Pairs, token: string): string | undefined {
  try {
    return openToken(toDek(dek.provider, dek.version, Buffer.from(dek.key)), pairs, parseToken(token));
  } catch {
    return undefined;
  }
}

describe('the second implementation, written from docs/format.md', () => {
  test('reads and refuses every published token as stated', async () => {
    for (const { provider, version, dek_hex: dek, context, token, plaintext } of vectors.tokens.valid) {
      expect(await second.openToken({ provider, version, key: fromHex(dek) }, context, token)).toBe(plaintext);
    }
    for (const { provider, version, dek_hex: dek, context, token } of vectors.tokens.invalid) {
      expect(await second.openToken({ provider, version, key: fromHex(dek) }, context, token)).toBeUndefined();
    }
  });

  test('writes the published tokens to the byte', async () => {
    for (const { provider, version, dek_hex: dek, context, token, plaintext } of vectors.tokens.valid) {
      const salt = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64').subarray(0, 32);
      const key = { provider, version, key: fromHex(dek) };
      expect(await second.sealToken(key, context, salt, plaintext)).toBe(token);
    }
  });

  test('reads and refuses every wrapped DEK, keyset MAC and credential binding', async () => {
    for (const each of vectors.wrapped_deks.valid) {
      const kek = fromHex(each.kek_hex);
      const dek = await second.unwrapDek(each.kek_id, kek, each.provider, each.version, each.encrypted_dek);
      expect(dek && Buffer.from(dek).toString('hex')).toBe(each.dek_hex);
      const salt = Buffer.from(each.encrypted_dek, 'base64').subarray(0, 32);
      const named = { provider: each.provider, version: each.version, key: fromHex(each.dek_hex) };
      expect(await second.wrapDek(each.kek_id, kek, named, salt)).toBe(each.encrypted_dek);
    }
    for (const each of vectors.wrapped_deks.invalid) {
      const kek = fromHex(each.kek_hex);
      expect(await second.unwrapDek(each.kek_id, kek, each.provider, each.version, each.encrypted_dek)).toBeUndefined();
    }
    for (const { kek_hex: kek, record } of vectors.keysets.valid) {
      expect(await second.keysetMac(fromHex(kek), record)).toBe(record['mac']);
    }
    for (const { provider, kek_id: id, kek_hex: kek, record } of vectors.keysets.invalid) {
      const holds = (await second.keysetMac(fromHex(kek), record)) === record['mac'];
      expect(holds && record['provider'] === provider && record['kek_id'] === id).toBe(false);
    }
    for (const { provider, name, metadata, context } of vectors.credentials) {
      expect(await second.credentialPairs(provider, name, metadata)).toEqual(context);
    }
  });

  test('derives, salts, seals, wraps and proves to the byte as kw1-salt.json says', async () => {
    for (const { label, key_hex: key, salt_hex: salt, output_hex: output } of salts.derivations) {
      expect(Buffer.from(await second.derive(fromHex(key), label, fromHex(salt))).toString('hex')).toBe(output);
    }
    for (const each of salts.tokens) {
      const dek = { provider: each.provider, version: each.version, key: fromHex(each.dek_hex) };
      const text = each.plaintext.repeat(each.plaintext_times);
      const salt = await second.saltOfToken(dek, each.context, fromHex(each.randomness_hex), text);
      expect(Buffer.from(salt).toString('hex')).toBe(each.salt_hex);
      const token = await second.sealToken(dek, each.context, salt, text);
      expect(each.token ?? each.token_sha256).toBe(each.token === undefined ? tokenSha256(token) : token);
      expect(await second.openToken(dek, each.context, token)).toBe(text);
    }
    for (const each of salts.wrapped_deks) {
      const kek = fromHex(each.kek_hex);
      const dek = { provider: each.provider, version: each.version, key: fromHex(each.dek_hex) };
      const salt = await second.saltOfWrapped(each.kek_id, kek, dek, fromHex(each.randomness_hex));
      expect(Buffer.from(salt).toString('hex')).toBe(each.salt_hex);
      expect(await second.wrapDek(each.kek_id, kek, dek, salt)).toBe(each.encrypted_dek);
    }
    for (const each of salts.proofs) {
      expect(await second.proof(fromHex(each.dek_hex), each, each.region)).toBe(each.proof);
    }
  });

  test('makes the salts that the domain makes', async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes32,
        bytes32,
        provider,
        version,
        context,
        plaintext,
        async (key, random, name, n, pairs, text) => {
          const fixed: Randomness = { publicBytes: () => Buffer.from(random), secretBytes: () => Buffer.from(random) };
          const token = sealToken(toDek(name, n, Buffer.from(key)), pairs, text, fixed);
          const dek = { provider: name, version: n, key };
          expect(await second.sealToken(dek, pairs, await second.saltOfToken(dek, pairs, random, text), text)).toBe(
            token,
          );
        },
      ),
      { numRuns: runs(200) },
    );
  });

  test('opens what the domain sealed, and the domain what it sealed', async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes32,
        bytes32,
        provider,
        version,
        context,
        plaintext,
        async (key, salt, name, number, pairs, text) => {
          const dek = { provider: name, version: number, key };
          const theirs = sealToken(toDek(name, number, Buffer.from(key)), pairs, text, randomness);
          expect(await second.openToken(dek, pairs, theirs)).toBe(text);
          expect(ours(dek, pairs, await second.sealToken(dek, pairs, salt, text))).toBe(text);
        },
      ),
      { numRuns: runs(200) },
    );
  });

  test('judges damaged tokens as the domain does', async () => {
    const dek = { provider: 'openai', version: 1, key: randomBytes(32) };
    const token = sealToken(toDek('openai', 1, Buffer.from(dek.key)), {}, 'sk-example-not-a-real-key', randomness);
    const edit = fc.record({
      at: fc.nat(token.length),
      cut: fc.nat(2),
      put: fc.oneof(
        fc.constantFrom('', 'A', '=', '.', '1', '-', '\n', '\u0661'),
        fc.string({ unit: 'binary', maxLength: 2 }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(edit, async ({ at, cut, put }) => {
        const edited = token.slice(0, at) + put + token.slice(at + cut);
        const theirs = await second.openToken(dek, {}, edited);
        expect(theirs).toBe(ours(dek, {}, edited));
        expect(theirs === undefined).toBe(edited !== token);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('has the same base64, contexts and canonical JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(second.base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      }),
    );
    const nearBase64 = fc.string({ unit: fc.constantFrom(...Array.from('ABgwQ048+/=-_ \n')), maxLength: 9 });
    fc.assert(
      fc.property(nearBase64, (text) => {
        const bytes = second.unbase64(text);
        expect(bytes && Buffer.from(bytes)).toEqual(decodeCanonicalBase64(text));
      }),
      { numRuns: runs(5000) },
    );
    fc.assert(
      fc.property(context, (pairs) => {
        expect(Buffer.from(second.contextBytes(pairs)!)).toEqual(encodeContext(pairs));
      }),
    );
    expect(second.contextBytes({ a: '\ud800' })).toBeUndefined();
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value: unknown = JSON.parse(json);
        fc.pre(!/\\ud[89a-f]/i.test(JSON.stringify(value)));
        expect(second.canonical(value)).toBe(canonicalJson(value));
      }),
    );
  });

  test('wraps, unwraps and binds as the domain does', async () => {
    await fc.assert(
      fc.asyncProperty(bytes32, bytes32, bytes32, provider, version, async (kekBytes, dekBytes, salt, name, number) => {
        const kek = { id: 'kek-1', key: createSecretKey(kekBytes) };
        const wrapped = wrapNewDek(kek, name, number, randomness);
        const opened = await second.unwrapDek('kek-1', kekBytes, name, number, wrapped);
        expect(Buffer.from(opened!)).toEqual(unwrapDek(kek, name, number, wrapped).key.export());
        const theirs = await second.wrapDek(
          'kek-1',
          kekBytes,
          { provider: name, version: number, key: dekBytes },
          salt,
        );
        expect(unwrapDek(kek, name, number, theirs).key.export()).toEqual(Buffer.from(dekBytes));

        const keyset = newKeyset(name, kek, 0, randomness);
        expect(await second.keysetMac(kekBytes, keyset)).toBe(keyset.mac);
        const { mac: _mac, ...edited } = { ...keyset, revision: 2, later: [name] };
        const signed = { ...edited, mac: await second.keysetMac(kekBytes, edited) };
        const keks = { primary: kek, keks: new Map([['kek-1', kek]]), primaryCreatedAt: '' };
        expect(verifyKeyset(signed, name, keks).revision).toBe(2);
        expect(await second.credentialPairs(name, 'default', { n: number })).toEqual(
          credentialContext(name, 'default', { n: number }),
        );
      }),
      { numRuns: runs(50) },
    );
  });
});
