import { wearStore } from './wear-store';

// A small run of the measurement of `npm run bench -- embedded-store`.
it('holds no iterator, no memory and little disk after queries cut by their limit and many overwrites', async () => {
  const wear = await wearStore({ liveRows: 2_000, queries: 2_000, firstQueries: 400, overwrites: 20_000, reads: 20 });
  expect(wear.afterQueries.openIterators).toBe(0);
  expect(wear.atEnd.openIterators).toBe(0);
  expect(Math.max(wear.afterQueries.heapBytes, wear.atEnd.heapBytes)).toBeLessThan(1.2 * wear.afterFirst.heapBytes);
  expect(wear.diskBytes).toBeLessThan(3 * wear.liveBytes);
});
