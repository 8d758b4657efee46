import { MAX_BATCH_ITEMS } from '../../contract/limits';
import { runBatch } from '../../ports/run-batch';
import type { OperationReply } from '../../http/operation';
import { failureOf } from '../../http/problem';

/**
 * Runs a batch and answers 200 with a result or an error for each item, in the items' order and with the item's reference. If
 * every item fails with a 503, the whole request is a 503.
 */
export async function batchReply<I extends { readonly reference?: string | undefined }>(
  items: readonly I[],
  one: (item: I) => Promise<object>,
): Promise<OperationReply> {
  const results = await runBatch(items, one, MAX_BATCH_ITEMS);
  const errors = results.flatMap((result) => (result.ok ? [] : [result.error]));
  const [first] = errors;
  if (
    first !== undefined &&
    errors.length === items.length &&
    errors.every((error) => failureOf(error).status === 503)
  ) {
    throw first;
  }
  const named = results.map((result, index) => ({
    reference: items[index]?.reference,
    ...(result.ok ? result.value : { error: failureOf(result.error) }),
  }));
  return { status: 200, body: { results: named } };
}
