import type { AuditEvent } from '../audit-event';

/** Finds changes that were announced in the audit log and whose outcome is not there. */
export interface OpenIntents {
  /**
   * Intents from `from` to `to` (inclusive, ISO 8601 in UTC) for which no outcome with the same `write_id` is in the log, of
   * any later time. Sees what has reached this region.
   *
   * @throws KeywardError `store_unavailable`
   */
  find(provider: string | null, from: string, to: string): Promise<readonly AuditEvent[]>;
}
