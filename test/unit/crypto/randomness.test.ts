import { newId } from '../../../lambdas/core/crypto/randomness';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { RecordingRandomness } from './recording-randomness';

test('an id is 16 random bytes in hexadecimal', () => {
  expect(newId(new CountingRandomness())).toBe('000102030405060708090a0b0c0d0e0f');
});

test('an id is public: it takes nothing from the source of keys', () => {
  const randomness = new RecordingRandomness();
  const ids = new Set(Array.from({ length: 1000 }, () => newId(randomness)));
  expect(ids.size).toBe(1000);
  expect(randomness.secrets).toHaveLength(0);
});
