import { KeywardError } from '../../lambdas/core/domain/errors';

/** What a call throws whose answer did not come. */
export const storeUnavailable = (): KeywardError =>
  new KeywardError('store_unavailable', 'the store did not answer; try again');

/** The same of the audit log. */
export const auditUnavailable = (): KeywardError =>
  new KeywardError('audit_unavailable', 'the audit log did not take the event; try again');
