import { KeywardError } from '../../core/domain/errors';

/** Who did not answer. */
type Service = 'the table' | 'the queue' | 'Secrets Manager';

/** What any failure of a store is to the outside. What the SDK says may carry keys and values, and goes no further. */
export const storeUnavailable = (service: Service = 'the table'): KeywardError =>
  new KeywardError('store_unavailable', `${service} did not answer; try again`);

/**
 * Awaits an answer of a store.
 *
 * @throws KeywardError `store_unavailable` in place of whatever was thrown
 */
export async function orUnavailable<T>(answer: Promise<T>, service?: Service): Promise<T> {
  try {
    return await answer;
  } catch {
    throw storeUnavailable(service);
  }
}
