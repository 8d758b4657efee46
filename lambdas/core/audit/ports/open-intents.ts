import type { AuditEvent } from '../audit-event';

/** Finds intents in the audit log that have no outcome. */
export interface OpenIntents {
  /**
   * Returns intents from `from` to `to` (inclusive, ISO 8601 in UTC) without a later outcome of the same `write_id`. Sees the
   * events that have reached this region.
   *
   * @throws KeywardError `store_unavailable`
   */
  find(provider: string | null, from: string, to: string): Promise<readonly AuditEvent[]>;
}
