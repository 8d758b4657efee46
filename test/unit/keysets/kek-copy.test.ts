import { KekCopy, type KekReadFailure } from '../../../lambdas/core/keysets/kek-copy';
import type { KekKeyset } from '../../../lambdas/core/crypto/kek-keyset';
import { CountingMetrics, newKeks, TestClock } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const copyOf = (clock: TestClock, ...reads: (() => KekKeyset | KekReadFailure)[]): KekCopy =>
  new KekCopy({
    sources: reads.map((read, index) => ({ region: `region-${index}`, read: () => Promise.resolve(read()) })),
    clock,
    metrics: new CountingMetrics(),
    logger: new RecordingLogger(),
  });

test('a failure without a named call is told without one', async () => {
  const copy = copyOf(new TestClock(), () => ({ reason: 'kek_missing' }));
  const thrown = await copy.current().catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: 'keys_unavailable', reason: 'kek_missing', outside: undefined });
});

test('where only an older copy than the held one is returned, no region has answered', async () => {
  const clock = new TestClock();
  const held = newKeks();
  const older = { ...newKeks(), primaryCreatedAt: new Date(clock.now() - 1).toISOString() };
  let returned: KekKeyset = held;
  const copy = copyOf(clock, () => returned);
  await copy.current();
  returned = older;
  await expect(copy.refresh()).rejects.toMatchObject({ reason: 'no_region_answered' });
  expect(await copy.current()).toBe(held);
});

test('the worst reason of several regions is told', async () => {
  const copy = copyOf(
    new TestClock(),
    () => ({ reason: 'no_region_answered' }),
    () => ({ reason: 'kek_damaged' }),
    () => ({ reason: 'kek_missing' }),
  );
  await expect(copy.current()).rejects.toMatchObject({ reason: 'kek_damaged' });
});
