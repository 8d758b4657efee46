import type { AuditEvent } from './audit-event';
import type { AuditRecord } from './audit-record';

/**
 * Formats an event as a line of journal and archive, without its line feed: JSON without white space, the id and the time first. An
 * event that was taken over from an earlier release has no nonce in the journal.
 */
export const formatEventLine = ({ id, timestamp, ...rest }: AuditEvent | AuditRecord): string =>
  JSON.stringify({ id, timestamp, ...rest });
