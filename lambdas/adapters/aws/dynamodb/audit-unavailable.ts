import { KeywardError } from '../../../core/errors/errors';
import { reportFailure } from '../observability/name-failures';

/**
 * The error for an event that is not known to be durable. The log names the failure.
 *
 * @param thrown what the client threw; left out if no call was made
 */
export const auditUnavailable = (thrown?: unknown): KeywardError =>
  new KeywardError(
    'audit_unavailable',
    'the audit log did not store the event; try again',
    undefined,
    thrown === undefined ? undefined : reportFailure(thrown),
  );
