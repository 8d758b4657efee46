import crypto from 'node:crypto';
import { newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { openLegacyDek } from '../../../lambdas/core/crypto/legacy';
import { openToken, parseToken, sealToken } from '../../../lambdas/core/crypto/token';
import { unwrapDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { sealLegacy } from '../../vectors/seal-legacy';
import { isWiped } from './recording-randomness';
import { dekOf, keksOf } from './test-keys';
import { thrownBy } from './thrown-by';

/** Raw keys that went into node:crypto or came out of base64 while `run` ran, as they are afterwards. The real functions do the work. */
function keyBytesAfter(run: () => void): Uint8Array[] {
  const seen: Uint8Array[] = [];
  const spies = [
    jest.spyOn(crypto, 'createSecretKey'),
    jest.spyOn(crypto, 'createCipheriv'),
    jest.spyOn(crypto, 'createDecipheriv'),
  ];
  const decoded = jest.spyOn(Buffer, 'from');
  try {
    run();
    for (const spy of spies) {
      const given = (spy.mock.calls as unknown[][]).flat();
      seen.push(
        ...given.filter((argument): argument is Uint8Array => argument instanceof Uint8Array && argument.length === 32),
      );
    }
    const calls = decoded.mock.calls as readonly (readonly unknown[])[];
    const fromBase64 = decoded.mock.results.filter((_, index) => calls[index]?.[1] === 'base64');
    seen.push(...fromBase64.map(({ value }) => value as Buffer).filter(({ length }) => length === 32));
  } finally {
    decoded.mockRestore();
    for (const spy of spies) spy.mockRestore();
  }
  return seen;
}

const kek = keksOf(9).primary;
const wrapped = newKeyset('openai', kek, 0, new CountingRandomness()).versions['1']!.encrypted_dek!;
const legacyDek = sealLegacy(
  'k',
  Buffer.alloc(32),
  Buffer.alloc(16),
  Buffer.from(Buffer.alloc(32, 3).toString('base64')),
);
const token = parseToken(sealToken(dekOf('openai', 1), {}, 'sk-example-not-a-real-key', new CountingRandomness()));

test.each<[string, number, () => void]>([
  ['reading KEKs', 4, () => keksOf(1, 2)],
  ['a new keyset', 2, () => newKeyset('openai', kek, 0, new CountingRandomness())],
  ['unwrapping a DEK', 2, () => unwrapDek(kek, 'openai', 1, wrapped)],
  ['sealing a token', 1, () => sealToken(dekOf('openai', 1), {}, 'sk-example', new CountingRandomness())],
  ['opening a token', 1, () => openToken(dekOf('openai', 1), {}, token)],
  ['a token that fails', 1, () => thrownBy(() => openToken(dekOf('openai', 1), { a: 'b' }, token))],
  ['a legacy DEK', 2, () => openLegacyDek('k', legacyDek)],
])('%s leaves no raw key behind', (_what, atLeast, run) => {
  const seen = keyBytesAfter(run);
  expect(seen.length).toBeGreaterThanOrEqual(atLeast);
  expect(seen.every(isWiped)).toBe(true);
});
