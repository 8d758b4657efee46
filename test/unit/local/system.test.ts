import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import { createSystemRandomness } from '../../../lambdas/adapters/system/system-randomness';

test('the clock is the machine’s and sleeps', async () => {
  const before = Date.now();
  await systemClock.sleep(5);
  expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
});

test('public bytes come in every size, are the caller’s own, and never come twice', () => {
  const randomness = createSystemRandomness();
  const seen = new Set<string>();
  // More than three fills of the pool, with sizes that do not divide it.
  for (let each = 0; each < 5000; each++) {
    const bytes = randomness.publicBytes(41);
    expect(bytes.byteOffset).toBe(0);
    expect(bytes.buffer.byteLength).toBe(41);
    seen.add(bytes.toString('hex'));
    bytes.fill(0);
  }
  expect(seen.size).toBe(5000);
  expect([0, 1, 65_536, 65_537, 1].map((size) => randomness.publicBytes(size).length)).toEqual([
    0, 1, 65_536, 65_537, 1,
  ]);
});

test('no 8 bytes in a row of one filling are found at two places', () => {
  const randomness = createSystemRandomness();
  const words = new Set<string>();
  for (let each = 0; each < 16_384; each++) words.add(randomness.publicBytes(8).toString('hex'));
  expect(words.size).toBe(16_384);
});

test('secret bytes are fresh and the caller’s own', () => {
  const randomness = createSystemRandomness();
  const one = randomness.secretBytes(32);
  expect(one.buffer.byteLength).toBe(32);
  expect(one.equals(randomness.secretBytes(32))).toBe(false);
});
