import { KeywardError } from '../../core/domain/errors';

/** The event is not known to be durable; it may be all the same. */
export const auditUnavailable = (): KeywardError =>
  new KeywardError('audit_unavailable', 'the audit log did not take the event; try again');
