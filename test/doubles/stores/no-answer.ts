import { KeywardError } from '../../../lambdas/core/errors/errors';
import { toOutsideFailure } from '../../../lambdas/core/errors/outside-failure';

/** What a call of a store throws whose answer did not come: an outage, as an adapter tells it. */
export const noAnswer = (): KeywardError =>
  new KeywardError(
    'store_unavailable',
    'the store did not answer; try again',
    undefined,
    toOutsideFailure({ service: 'a double', operation: 'unknown', region: 'unknown' }, { name: 'TimeoutError' }),
  );
