import { OUTAGE_DETAILS } from '../../contract/problems';
import { keysetContended } from '../../errors/errors';

/** Problems of every change of a keyset. */
export const keysetChanges = {
  conflict: keysetContended().message,
  outcome_unknown: OUTAGE_DETAILS.outcomeUnknown,
};
