const CLIENTS = 8;

/** Runs a function this many times, some at once, and returns the results in order. */
export async function inParallel<T>(times: number, one: (index: number) => Promise<T>): Promise<readonly T[]> {
  const results = new Array<T>(times);
  const indexes = results.keys();
  const client = async (): Promise<void> => {
    for (const index of indexes) results[index] = await one(index);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return results;
}
