import { storedProviders } from '../../../lambdas/adapters/aws/dynamodb/stored-providers';
import { MemoryKeysets, TestClock } from '../../doubles/memory-ports';

test('the providers that have a keyset, read once a minute; a failure is not kept', async () => {
  const keysets = new MemoryKeysets('us-east-1');
  const clock = new TestClock();
  const stored = storedProviders({ keysets, clock });
  keysets.down = true;
  await expect(stored()).rejects.toMatchObject({ code: 'store_unavailable' });
  keysets.down = false;
  keysets.records.set('openai', {});
  keysets.records.set('Not A Name!', {});
  expect(await stored()).toStrictEqual(['openai']);
  keysets.records.set('taken-off', {});
  clock.time += 60_000;
  expect(await stored()).toStrictEqual(['openai']);
  clock.time += 1;
  expect(await stored()).toStrictEqual(['openai', 'taken-off']);
});
