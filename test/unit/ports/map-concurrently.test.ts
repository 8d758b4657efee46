import { mapConcurrently } from '../../../lambdas/core/ports/map-concurrently';

/** Work that goes on once it is let: what has begun, and how to end each. */
function heldWork() {
  const begun: number[] = [];
  const ends = new Map<number, (thrown?: Error) => void>();
  const act = (item: number) =>
    new Promise<string>((resolve, reject) => {
      begun.push(item);
      ends.set(item, (thrown) => {
        if (thrown === undefined) resolve(`${item} done`);
        else reject(thrown);
      });
    });
  const end = async (item: number, thrown?: Error) => {
    ends.get(item)?.(thrown);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  };
  return { begun, act, end };
}

test('begins so many at a time, in their order, and gives the results in that order', async () => {
  const { begun, act, end } = heldWork();
  const results = mapConcurrently([1, 2, 3, 4], 2, act);
  expect(begun).toEqual([1, 2]);
  await end(2);
  expect(begun).toEqual([1, 2, 3]);
  for (const item of [3, 4, 1]) await end(item);
  expect(await results).toEqual(['1 done', '2 done', '3 done', '4 done']);
});

test('has no use for more hands than there are items', async () => {
  const { begun, act, end } = heldWork();
  const results = mapConcurrently([1], 25, act);
  expect(begun).toEqual([1]);
  await end(1);
  expect(await results).toEqual(['1 done']);
  expect(await mapConcurrently([], 25, act)).toEqual([]);
});

test('fails with the first failure, and still begins the others', async () => {
  const { begun, act, end } = heldWork();
  const results = mapConcurrently([1, 2, 3], 2, act);
  const failure = expect(results).rejects.toThrow('first');
  await end(1, new Error('first'));
  await failure;
  await end(2);
  expect(begun).toEqual([1, 2, 3]);
});
