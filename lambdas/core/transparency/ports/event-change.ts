import type { AuditEvent } from '../../audit/audit-event';

/** An event as it is or was stored. */
export interface StoredEvent {
  readonly event: AuditEvent;
  /** Undefined for an event of an earlier release, and for one whose nonce is none any more. */
  readonly nonce: string | undefined;
  /** When it may be deleted, in milliseconds since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
}

/** What was stored at an event's place: `unreadable` is no event, and nothing tells which one it was. */
export type StoredImage = StoredEvent | 'unreadable' | undefined;

/** What became of one place of the audit table. */
export interface EventChange {
  /** Undefined: nothing was there. */
  readonly before: StoredImage;
  /** Undefined: nothing is there any more. */
  readonly after: StoredImage;
  /** Whether any member of the row changed, of the event or not. */
  readonly isEdited: boolean;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}
