import crypto, { createHmac, createSecretKey } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { createSystemRandomness } from '../../../lambdas/adapters/system/system-randomness';
import { hedgedSalt } from '../../../lambdas/core/crypto/hedged-salt';
import { deriveMessageKey } from '../../../lambdas/core/crypto/message-key';
import type { Randomness } from '../../../lambdas/core/crypto/randomness';
import { openToken, parseToken, sealToken } from '../../../lambdas/core/crypto/token';
import { rewrapDek, wrapNewDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { runs } from '../../effort';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { isWiped } from './recording-randomness';
import { dekOf, keksOf, material } from './test-keys';

const key = createSecretKey(material(1));
const aad = Buffer.from('header');
const plaintext = Buffer.from('sk-example-not-a-real-key');
const random = material(7);

/** Returns the same bytes each time, as a generator in every process that continues from one snapshot. */
const repeating = (): Randomness => ({
  publicBytes: (size) => new CountingRandomness(1).publicBytes(size),
  secretBytes: (size) => new CountingRandomness(1).secretBytes(size),
});

const keyAndIvOf = (token: string): string => parseToken(token).message.subarray(0, 48).toString('hex');

test('is HMAC-SHA-512 over the random bytes, the length and bytes of the AAD, and the plaintext, cut to 32 bytes', () => {
  const saltKey = deriveMessageKey(key, 'kw1-salt', Buffer.alloc(32)).subarray(0, 32);
  for (const length of [0, 1, 108, 3_900, 4_000, 32_768]) {
    const text = Buffer.alloc(length, 0x61);
    const input = Buffer.concat([random, Buffer.of(0, 0, 0, aad.length), aad, text]);
    const expected = createHmac('sha512', saltKey).update(input).digest().subarray(0, 32);
    expect(hedgedSalt(key, random, aad, text)).toEqual(expected);
  }
});

test('is another one where the random bytes, the AAD, the plaintext, the key or a boundary between them is another', () => {
  const salts = [
    hedgedSalt(key, random, aad, plaintext),
    hedgedSalt(key, material(8), aad, plaintext),
    hedgedSalt(key, random, Buffer.from('other!'), plaintext),
    hedgedSalt(key, random, aad, Buffer.from('sk-example-not-a-real-kez')),
    hedgedSalt(key, random, Buffer.from('headers'), plaintext.subarray(1)),
    hedgedSalt(createSecretKey(material(2)), random, aad, plaintext),
  ];
  expect(new Set(salts.map((salt) => salt.toString('hex'))).size).toBe(salts.length);
});

test('two processes that go on from one snapshot never share key and iv, but for the very same message', () => {
  const dek = dekOf('openai', 1);
  const context = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.stringMatching(/^[a-z]{0,3}$/), { maxKeys: 2 });
  const message = fc.record({ text: fc.stringMatching(/^[a-z]{1,3}$/), context });
  fc.assert(
    fc.property(message, message, (one, other) => {
      const [first, second] = [one, other].map(({ text, context: pairs }) => sealToken(dek, pairs, text, repeating()));
      const same =
        one.text === other.text &&
        JSON.stringify(Object.entries(one.context).sort()) === JSON.stringify(Object.entries(other.context).sort());
      expect(keyAndIvOf(first!) === keyAndIvOf(second!)).toBe(same);
      expect(first === second).toBe(same);
      expect(openToken(dek, one.context, parseToken(first!))).toBe(one.text);
    }),
    { numRuns: runs(500) },
  );
});

test('the pool of random bytes may come back as it was: a second reading of the same pool gives other salts', () => {
  // What a snapshot keeps is the pool, which is filled in one call and then handed out piece by piece.
  const fill = jest.spyOn(crypto, 'randomFillSync').mockImplementation((pool) => {
    new Uint8Array((pool as Buffer).buffer).fill(0x5a);
    return pool;
  });
  try {
    const [before, after] = [createSystemRandomness(), createSystemRandomness()];
    expect(before.publicBytes(32)).toEqual(after.publicBytes(32));
    const dek = dekOf('openai', 1);
    const texts = Array.from({ length: 200 }, (_, index) => `sk-example-${index}`);
    const tokens = [
      ...texts.map((text) => sealToken(dek, {}, text, before)),
      ...texts.map((text) => sealToken(dek, { resumed: 'twice' }, text, after)),
    ];
    expect(new Set(tokens.map(keyAndIvOf)).size).toBe(tokens.length);
  } finally {
    fill.mockRestore();
  }
});

test('wrapped DEKs too: another provider, version, KEK or key never gets the same salt', () => {
  const [kek, other] = [keksOf(9).primary, keksOf(10).primary];
  const first = wrapNewDek(kek, 'openai', 1, repeating());
  const wrapped = [
    first,
    wrapNewDek(kek, 'openai', 2, repeating()),
    wrapNewDek(kek, 'google', 1, repeating()),
    wrapNewDek({ id: 'kek-other', key: kek.key }, 'openai', 1, repeating()),
    wrapNewDek(kek, 'openai', 1, { ...repeating(), secretBytes: () => material(3) }),
    rewrapDek(kek, other, 'openai', 1, first, repeating()),
  ];
  expect(new Set(wrapped.map((text) => Buffer.from(text, 'base64').subarray(0, 32).toString('hex'))).size).toBe(6);
  expect(wrapNewDek(kek, 'openai', 1, repeating())).toBe(first);
});

test('derives its key once for each key, and leaves neither that nor the plaintext behind in what it hashes', () => {
  const fresh = createSecretKey(material(5));
  const derivations = jest.spyOn(crypto, 'createHmac');
  const hashes = jest.spyOn(crypto, 'hash');
  try {
    for (const text of [plaintext, Buffer.alloc(4_000, 0x61)]) hedgedSalt(fresh, random, aad, text);
    expect(derivations).toHaveBeenCalledTimes(1);
    const inputs = hashes.mock.calls.map(([, input]) => input as Uint8Array);
    expect(inputs.map(({ length }) => length)).toEqual([
      128 + 32 + 4 + aad.length + plaintext.length,
      128 + 64,
      128 + 32 + 4 + aad.length + 4_000,
      128 + 64,
    ]);
    expect(inputs.every(isWiped)).toBe(true);
  } finally {
    derivations.mockRestore();
    hashes.mockRestore();
  }
});

test('wipes its key once nothing has the one any more that it is derived from', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const blocks = jest.spyOn(Uint8Array, 'from');
  hedgedSalt(createSecretKey(material(6)), random, aad, plaintext);
  const kept = blocks.mock.results.map(({ value }) => value as Uint8Array);
  blocks.mockRestore();
  expect(kept.map((block) => [block.length, isWiped(block)])).toEqual([
    [128, false],
    [128, false],
  ]);
  for (let turn = 0; turn < 100 && !kept.every(isWiped); turn += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(kept.every(isWiped)).toBe(true);
});
