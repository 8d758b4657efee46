import type { AuditEvent, AuditEventType } from '../audit-event';

/** Which events to return. Times are inclusive ISO 8601 in UTC with milliseconds. */
export interface AuditQuery {
  readonly from: string;
  readonly to: string;
  /** A provider, or null for events that name none; left out: all. */
  readonly provider?: string | null;
  readonly user_id?: string;
  /** What a `user_id` begins with. */
  readonly user_prefix?: string;
  readonly event_type?: AuditEventType;
  readonly success?: boolean;
  readonly key_version?: number;
  /**
   * A name in full, or `sha256:` and 8 digits. Finds what names it, and the moves of a rotation in whose range it lies: those
   * name the first and the last alone.
   */
  readonly credential?: string;
  /** What is recorded in place of the credential's name where nothing was stored under it, for one that is a key by its look. */
  readonly credential_fingerprint?: string;
  readonly request_id?: string;
  readonly operation?: string;
  readonly limit: number;
  /** Only events older than this position, as an earlier page gave it. */
  readonly before?: AuditPosition;
}

/** A place in the log, newest first: by timestamp, then id. */
export interface AuditPosition {
  readonly timestamp: string;
  readonly id: string;
}

/**
 * A page; `next` is missing at the end alone. A page may be empty and still have a `next`: the work per call is bounded, by reads and
 * by time.
 */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly next?: AuditPosition;
}

/** Takes events. */
export interface AuditSink {
  /**
   * Resolves once the event is durable, and only then. Appending the same event again changes nothing.
   *
   * @throws KeywardError `audit_unavailable` where it is not known to be durable; it may be all the same
   */
  append(event: AuditEvent): Promise<void>;
}

/** Reads events back, and remembers which providers were ever in use. */
export interface AuditReader {
  /**
   * Newest first. Sees every event whose `append` resolved in this region.
   *
   * @throws KeywardError `store_unavailable`
   */
  query(query: AuditQuery): Promise<AuditPage>;

  /**
   * Whether the provider ever had a keyset or an event here: true if {@link markUsed} was called, or a recent event
   * names it. A provider that was in use must not get a fresh keyset in place of a lost one.
   *
   * @throws KeywardError `store_unavailable`
   */
  wasUsed(provider: string): Promise<boolean>;

  /**
   * Remembers for good that the provider has a keyset. Calling it again changes nothing.
   *
   * @throws KeywardError `store_unavailable`
   */
  markUsed(provider: string): Promise<void>;
}
