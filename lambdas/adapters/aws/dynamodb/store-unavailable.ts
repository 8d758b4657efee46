import { OUTAGE_DETAILS } from '../../../core/contract/problems';
import { KeywardError } from '../../../core/errors/errors';
import { reportFailure } from '../observability/name-failures';

/** Who did not answer. */
type Service = 'the table' | 'the queue' | 'Secrets Manager';

/**
 * What any failure of a store is to the outside; the log has its name, and `outside` too, for those who decide whether to try
 * again. What the SDK says may carry keys and values, and goes no further.
 *
 * @param thrown what the client threw
 */
export const storeUnavailable = (thrown: unknown, service: Service = 'the table'): KeywardError =>
  new KeywardError('store_unavailable', OUTAGE_DETAILS.noAnswerOf(service), undefined, reportFailure(thrown));

/**
 * Awaits an answer of a store.
 *
 * @throws KeywardError `store_unavailable` in place of whatever was thrown
 */
export async function orUnavailable<T>(answer: Promise<T>, service?: Service): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    throw storeUnavailable(thrown, service);
  }
}
