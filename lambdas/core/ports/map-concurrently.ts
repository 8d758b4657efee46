/**
 * Calls `act` for each item, so many at a time, and returns the results in the items' order. Items are begun in their order.
 *
 * @throws the first error of `act`; calls that are under way go on, and the other items are still begun
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
