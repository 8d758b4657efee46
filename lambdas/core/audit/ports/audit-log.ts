import type { AuditEvent, AuditEventType } from '../audit-event';
import type { AuditRecord } from '../audit-record';

/** Which events to return. Times are inclusive ISO 8601 in UTC with milliseconds. */
export interface AuditQuery {
  readonly from: string;
  readonly to: string;
  /** A provider, or null for events without one; left out: all. */
  readonly provider?: string | null;
  readonly user_id?: string;
  /** Prefix of `user_id`. */
  readonly user_prefix?: string;
  readonly event_type?: AuditEventType;
  readonly success?: boolean;
  readonly key_version?: number;
  /**
   * A complete name, or `sha256:` and 8 digits. Finds events that name it, and rekeys of a range of names that contains it: those
   * name the first and the last alone.
   */
  readonly credential?: string;
  /** The fingerprint that is recorded in place of a name that looks like an API key and has no credential. */
  readonly credential_fingerprint?: string;
  readonly request_id?: string;
  readonly operation?: string;
  readonly limit: number;
  /** Only events older than this position of an earlier page. */
  readonly before?: AuditPosition;
}

/** A place in the log, newest first: by timestamp, then id. */
export interface AuditPosition {
  readonly timestamp: string;
  readonly id: string;
}

/**
 * A page; `next` is missing only at the end. A page may be empty and still have a `next`: the work per call is bounded by reads
 * and by time.
 */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly next?: AuditPosition;
}

/** Stores audit events. */
export interface AuditSink {
  /**
   * Resolves only after the event is durable, with its nonce. Appending the same event again changes nothing.
   *
   * @throws KeywardError `audit_unavailable` if the event is not known to be durable; it may be
   */
  append(record: AuditRecord): Promise<void>;
}

/** Reads audit events, without their nonces, and remembers which providers were ever in use. */
export interface AuditReader {
  /**
   * Returns events, newest first. Sees every event whose `append` resolved in this region.
   *
   * @throws KeywardError `store_unavailable`
   */
  query(query: AuditQuery): Promise<AuditPage>;

  /**
   * Returns the event at a place of the log, whichever provider it has; undefined if there is none. Sees what `query` sees.
   *
   * @throws KeywardError `store_unavailable`
   */
  get(place: AuditPosition): Promise<AuditEvent | undefined>;

  /**
   * Whether the provider ever had a keyset or an event here: true if {@link markUsed} was called, or a recent event names it. A
   * provider that was in use must not get a new keyset in place of a lost one.
   *
   * @throws KeywardError `store_unavailable`
   */
  wasUsed(provider: string): Promise<boolean>;

  /**
   * Remembers permanently that the provider has a keyset. Idempotent.
   *
   * @throws KeywardError `store_unavailable`
   */
  markUsed(provider: string): Promise<void>;
}
