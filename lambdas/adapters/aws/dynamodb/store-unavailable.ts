import { OUTAGE_DETAILS } from '../../../core/contract/problems';
import { KeywardError } from '../../../core/errors/errors';
import { reportFailure } from '../observability/name-failures';

/** The service that did not answer. */
type Service = 'the table' | 'the queue' | 'the bucket' | 'KMS' | 'Lambda' | 'Secrets Manager';

/**
 * The error for any failure of a store. The log and `outside` have the failure's name, for a decision to retry. The SDK's message
 * may carry keys and values, and is dropped.
 *
 * @param thrown what the client threw
 */
export const storeUnavailable = (thrown: unknown, service: Service = 'the table'): KeywardError =>
  new KeywardError('store_unavailable', OUTAGE_DETAILS.noAnswerOf(service), undefined, reportFailure(thrown));

/**
 * Awaits an answer of a store.
 *
 * @throws KeywardError `store_unavailable` in place of any error
 */
export async function orUnavailable<T>(answer: Promise<T>, service?: Service): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    throw storeUnavailable(thrown, service);
  }
}
