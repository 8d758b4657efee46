import { mapConcurrently } from './map-concurrently';
import { toKeywardError, type KeywardError } from '../errors/errors';

/** One item's result. */
export type BatchResult<R> =
  { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: KeywardError };

/** Default number of items of one request that are processed at a time. */
const CONCURRENCY = 25;

/**
 * Runs one use case for each item, some at a time, and returns the results in the items' order. A failure is the result of its
 * item and affects no other. Never rejects.
 *
 * @param concurrency how many at a time
 */
export async function runBatch<I, R>(
  items: readonly I[],
  one: (item: I) => Promise<R>,
  concurrency = CONCURRENCY,
): Promise<readonly BatchResult<R>[]> {
  return mapConcurrently(items, concurrency, (item) =>
    one(item).then(
      (value) => ({ ok: true, value }) as const,
      (thrown: unknown) => ({ ok: false, error: toKeywardError(thrown) }) as const,
    ),
  );
}
