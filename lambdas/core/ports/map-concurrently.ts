/**
 * Does something with each item, so many at a time, and gives the results in the items' order. Items are begun in their order.
 *
 * @throws what `act` throws first; what is under way goes on, and the other items are still begun
 */
export async function mapConcurrently<I, R>(
  items: readonly I[],
  concurrency: number,
  act: (item: I) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return results;
}
