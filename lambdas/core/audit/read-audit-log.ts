import { timeOfId } from '../crypto/timed-id';
import { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import type { AuditEvent } from './audit-event';
import type { AuditTrail } from './audit-trail';
import type { AuditPage, AuditQuery, AuditReader } from './ports/audit-log';
import { recordedQuery } from './recorded-query';
import { recordedRead } from './recorded-read';

export interface ReadAuditLogDependencies {
  readonly audit: Pick<AuditReader, 'query' | 'get'>;
  readonly trail: AuditTrail;
}

export const NO_EVENT = 'the audit log has no event of this id; an event of an earlier release needs its time, too';
const NO_EVENT_THEN = 'the audit log has no event of this id at this time';

/** @param timestamp whether the caller gave the event's time */
export const auditEventNotFound = (timestamp?: string): KeywardError =>
  new KeywardError('audit_event_not_found', timestamp === undefined ? NO_EVENT : NO_EVENT_THEN);

/**
 * Returns a page of the audit log, newest first. Its own event is newer than the page, so the next page never has it.
 *
 * @throws KeywardError `store_unavailable`, `audit_unavailable`
 */
export const createQueryAuditEvents =
  ({ audit, trail }: ReadAuditLogDependencies) =>
  (caller: Caller, query: AuditQuery): Promise<AuditPage> =>
    recordedRead(
      trail,
      caller,
      { operation: 'query_audit_events', ...recordedQuery(query) },
      { read: () => audit.query(query), count: ({ events }) => events.length },
    );

/**
 * Returns the event of an id. Without a time it is looked for at the time with which the id begins, so one of an earlier release is
 * not found.
 *
 * @param asked its timestamp is ISO 8601 in UTC with milliseconds
 * @throws KeywardError `audit_event_not_found`, `store_unavailable`, `audit_unavailable`
 */
export const createDescribeAuditEvent =
  ({ audit, trail }: ReadAuditLogDependencies) =>
  (caller: Caller, { id, timestamp: given }: { id: string; timestamp?: string }): Promise<AuditEvent> => {
    const timestamp = given ?? timeOfId(id);
    const period = timestamp === undefined ? {} : { read_from: timestamp, read_to: timestamp };
    return recordedRead(
      trail,
      caller,
      { operation: 'describe_audit_event', event_id: id, ...period },
      {
        read: async () => {
          const event = timestamp === undefined ? undefined : await audit.get({ timestamp, id });
          if (event === undefined) throw auditEventNotFound(given);
          return event;
        },
        count: () => 1,
      },
    );
  };

export type QueryAuditEvents = ReturnType<typeof createQueryAuditEvents>;
export type DescribeAuditEvent = ReturnType<typeof createDescribeAuditEvent>;
