import { hash } from 'node:crypto';
import { AUDIT_EVENT_TYPES } from '../contract/audit-event-types';
import { KEK_HOMES, KEK_MOVE_STATES } from '../contract/kek-homes';

export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];

/** The kind of a value: text, time (ISO 8601 in UTC), whole number from 0, flag, or one of a list of texts. */
export type AuditValueKind = 'text' | 'time' | 'count' | 'flag' | readonly string[];

type ValueOf<K extends AuditValueKind> = K extends 'count'
  ? number
  : K extends 'flag'
    ? boolean
    : K extends readonly (infer One)[]
      ? One
      : string;

/**
 * Metadata of an event: a closed list, because secrets get into logs through free text. No value comes unchecked from a caller;
 * only `given_reason` is the caller's own text. The type, the table's row and the API's reply are made from it.
 */
export const AUDIT_METADATA = {
  /** Stable error code and, for the auditor alone, the reason. */
  code: 'text',
  reason: 'text',
  /** The caller's reason for a change: 1 to 200 printable characters, without a word that looks like an API key. */
  given_reason: 'text',
  /** The API operation or the part of Keyward that acted. */
  operation: 'text',
  /** A change has two events with the same `write_id`: intent and outcome. */
  phase: ['intent', 'outcome'],
  outcome: ['written', 'refused', 'unknown', 'failed'],
  write_id: 'text',
  /** Name of the stored credential. */
  credential: 'text',
  revision: 'count',
  /**
   * What happened to the replaced value (kept as the previous one, or lost because it does not open) or to the previous value
   * (left, purged, or expired). And the revision of the kept value, and of the restored one.
   */
  previous_value: ['kept', 'lost', 'left', 'purged', 'expired'],
  previous_revision: 'count',
  restored_revision: 'count',
  /** Set where an event is about the previous value of a credential. */
  value: ['previous'],
  /** A DEK rotation, and the primary before it. */
  rotation_id: 'text',
  from_version: 'count',
  /** Regions that have not proved a version that is promoted without them. */
  unproved_regions: 'text',
  /** Number of credentials that were read, and how many of them do not open. */
  credentials: 'count',
  undecryptable: 'count',
  /**
   * Credentials that a rotation rekeys together: those of one shard that were under another version, from the first name to the
   * last (by bytes). The `write_id` of each begins with that of the event.
   */
  shard: 'count',
  first_credential: 'text',
  last_credential: 'text',
  moved: 'count',
  skipped: 'count',
  pending_window_days: 'count',
  /** The KEK that became current or that a keyset moved to; and the KEKs that left the secret with it, comma-separated. */
  kek_id: 'text',
  dropped_kek_ids: 'text',
  /** A move of the KEK: its homes, and the state that it enters. */
  from_home: KEK_HOMES,
  to_home: KEK_HOMES,
  move_state: KEK_MOVE_STATES,
  /** Regions and providers of a deployment before and after a change, comma-separated. */
  old_regions: 'text',
  new_regions: 'text',
  old_providers: 'text',
  new_providers: 'text',
  /** A policy before and after a change: `<enabled or disabled>, every <n> days, grace <n> days`. */
  old_policy: 'text',
  new_policy: 'text',
  /** Number of unauthenticated refusals that this event stands for, and their first and last time. */
  count: 'count',
  first_at: 'time',
  last_at: 'time',
  /**
   * A read of the audit log: its period, the time from which a later page goes on, its filters as JSON (in place of what looks like
   * an API key, its fingerprint), the id that was asked for, and the number of events that were returned.
   */
  read_from: 'time',
  read_to: 'time',
  read_before: 'time',
  filters: 'text',
  event_id: 'text',
  events: 'count',
  /** SHA-256 of a pack of evidence that was made of these events: of the list of the hashes of its files. */
  manifest_sha256: 'text',
  /** SHA-256 of the token that a rewrap issued; `token_sha256` is that of the presented token. */
  new_token_sha256: 'text',
  /** Set on the last refusal with an event of its own: further refusals of that address in that minute are counted. */
  further_refusals: ['counted'],
} as const satisfies Readonly<Record<string, AuditValueKind>>;

export type AuditMetadata = {
  readonly [N in keyof typeof AUDIT_METADATA]?: ValueOf<(typeof AUDIT_METADATA)[N]>;
};

interface AuditField {
  readonly kind: AuditValueKind;
  readonly nullable?: true;
}

/** The members of an event without its metadata. */
export const AUDIT_FIELDS = {
  /**
   * 32 hexadecimal characters, the first 12 of them the time in milliseconds since 1970, except in events of earlier releases. With
   * `timestamp` and `provider` the full key, fixed before the first attempt to write.
   */
  id: { kind: 'text' },
  /** ISO 8601 in UTC with milliseconds. */
  timestamp: { kind: 'time' },
  event_type: { kind: AUDIT_EVENT_TYPES },
  provider: { kind: 'text', nullable: true },
  /** ARN of the verified principal; null if nobody was verified. */
  user_id: { kind: 'text', nullable: true },
  ip_address: { kind: 'text', nullable: true },
  user_agent: { kind: 'text', nullable: true },
  /** Null for an intent and for an unknown outcome. */
  success: { kind: 'flag', nullable: true },
  error_message: { kind: 'text', nullable: true },
  region: { kind: 'text' },
  request_id: { kind: 'text' },
  key_version: { kind: 'count', nullable: true },
  /** SHA-256 of the token's text in hexadecimal. */
  token_sha256: { kind: 'text', nullable: true },
} as const satisfies Readonly<Record<string, AuditField>>;

type Fields = typeof AUDIT_FIELDS;

/**
 * One use of a key, one change or one refusal. Members have the same names in the table, on the wire and here. No member is or is
 * derived from a plaintext.
 */
export type AuditEvent = {
  readonly [N in keyof Fields]: ValueOf<Fields[N]['kind']> | (Fields[N] extends { nullable: true } ? null : never);
} & {
  readonly metadata: AuditMetadata;
  /** Set on an event whose row was edited: a lost member is null, empty or left out. Never written. */
  readonly damaged?: true;
};

type NullableField = { [N in keyof Fields]: Fields[N] extends { nullable: true } ? N : never }[keyof Fields];

const FIELD_NAMES = Object.keys(AUDIT_FIELDS) as (keyof Fields)[];
/** Fields that the event's place in the log, its time and its id, does not determine. */
export const FREE_AUDIT_FIELDS = (Object.entries(AUDIT_FIELDS) as [keyof Fields, AuditField][]).filter(
  ([name]) => name !== 'id' && name !== 'timestamp',
);

/** Makes an event with exactly the members of {@link AUDIT_FIELDS}; nullable members default to null. */
export function newAuditEvent(
  given: Omit<AuditEvent, NullableField | 'damaged'> & Partial<Pick<AuditEvent, NullableField>>,
): AuditEvent {
  const event: Record<string, unknown> = {};
  for (const name of FIELD_NAMES) event[name] = given[name] ?? null;
  event['metadata'] = given.metadata;
  return event as unknown as AuditEvent;
}

/** SHA-256 of a token's text, 64 hexadecimal characters: finds a leaked token in the log, which does not hold the token. */
export const tokenSha256 = (token: string): string => hash('sha256', token, 'hex');
