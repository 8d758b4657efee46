import { KeywardError } from '../../../core/errors/errors';
import { reportFailure } from '../observability/name-failures';

/**
 * The event is not known to be durable; it may be all the same. The log names the failure.
 *
 * @param thrown what the client threw; left out where nobody was asked
 */
export const auditUnavailable = (thrown?: unknown): KeywardError =>
  new KeywardError(
    'audit_unavailable',
    'the audit log did not take the event; try again',
    undefined,
    thrown === undefined ? undefined : reportFailure(thrown),
  );
