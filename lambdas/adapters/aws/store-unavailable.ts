import { KeywardError } from '../../core/domain/errors';

/** What any failure of a table is to the outside. What the SDK says may carry keys and values, and goes no further. */
export const storeUnavailable = (): KeywardError =>
  new KeywardError('store_unavailable', 'the table did not answer; try again');

/**
 * Awaits an answer of a table.
 *
 * @throws KeywardError `store_unavailable` in place of whatever was thrown
 */
export async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch {
    throw storeUnavailable();
  }
}
