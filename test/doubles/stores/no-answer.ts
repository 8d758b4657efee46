import { KeywardError } from '../../../lambdas/core/errors/errors';
import { toOutsideFailure } from '../../../lambdas/core/errors/outside-failure';

/** The error of a store's call without an answer: an outage, as an adapter throws it. */
export const noAnswer = (): KeywardError =>
  new KeywardError(
    'store_unavailable',
    'the store did not answer; try again',
    undefined,
    toOutsideFailure({ service: 'a double', operation: 'unknown', region: 'unknown' }, { name: 'TimeoutError' }),
  );
