import { createHash } from 'node:crypto';
import { AUDIT_EVENT_TYPES } from '../contract/audit-event-types';

export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];

/** Of which kind a value is: a text, a time in ISO 8601 in UTC, a whole number from 0, true or false, or one of some texts. */
export type AuditValueKind = 'text' | 'time' | 'count' | 'flag' | readonly string[];

type ValueOf<K extends AuditValueKind> = K extends 'count'
  ? number
  : K extends 'flag'
    ? boolean
    : K extends readonly (infer One)[]
      ? One
      : string;

/**
 * What an event may say beyond its fixed members: a closed list, because free text is how secrets get into logs. No
 * value here comes unchecked from a caller; `given_reason` alone is his own words. The type, the row in the table and the reply of the API are made from it.
 */
export const AUDIT_METADATA = {
  /** Stable error code and, for the auditor alone, why. */
  code: 'text',
  reason: 'text',
  /** Why the caller asks for a change, as he puts it: 1 to 200 printable characters, none of its words an API key by its look. */
  given_reason: 'text',
  /** The API operation or the part of Keyward that acted. */
  operation: 'text',
  /** Changes leave two events with one `write_id`: what was about to be done, and what came of it. */
  phase: ['intent', 'outcome'],
  outcome: ['written', 'refused', 'unknown', 'failed'],
  write_id: 'text',
  /** Name of the stored credential. */
  credential: 'text',
  revision: 'count',
  /**
   * What became of the value that was there: kept as the previous one, or lost because it does not open; or the previous one was left
   * as it was, purged, or erased because its time was over. And the revision of the value that is kept, and of the one that was restored.
   */
  previous_value: ['kept', 'lost', 'left', 'purged', 'expired'],
  previous_revision: 'count',
  restored_revision: 'count',
  /** Set where an event is about the previous value of a credential. */
  value: ['previous'],
  /** Of a DEK: which rotation, and the version that was the primary before it. */
  rotation_id: 'text',
  from_version: 'count',
  /** Of a region that has not proved a version that is promoted all the same. */
  unproved_regions: 'text',
  /** How many credentials were looked at, and how many of them do not open. */
  credentials: 'count',
  undecryptable: 'count',
  /**
   * Credentials that a rotation moves together: those of one shard that were under another version, from the first name to
   * the last (by bytes). The `write_id` of each begins with that of the event.
   */
  shard: 'count',
  first_credential: 'text',
  last_credential: 'text',
  moved: 'count',
  skipped: 'count',
  pending_window_days: 'count',
  /** Of a KEK: the one that became current, or that a keyset moved to; and those that left the secret with it, by commas. */
  kek_id: 'text',
  dropped_kek_ids: 'text',
  /** What a deployment serves before and after a change, by commas. */
  old_regions: 'text',
  new_regions: 'text',
  old_providers: 'text',
  new_providers: 'text',
  /** A policy before and after a change: `<enabled or disabled>, every <n> days, grace <n> days`. */
  old_policy: 'text',
  new_policy: 'text',
  /** Unauthenticated refusals that were counted into this one event, and between which times. */
  count: 'count',
  first_at: 'time',
  last_at: 'time',
  /** Of the token that a rewrap issued; the event's own `token_sha256` is that of the token that was presented. */
  new_token_sha256: 'text',
  /** Set on the last refusal that got an event of its own: what follows from that address in that minute is counted. */
  further_refusals: ['counted'],
} as const satisfies Readonly<Record<string, AuditValueKind>>;

export type AuditMetadata = {
  readonly [N in keyof typeof AUDIT_METADATA]?: ValueOf<(typeof AUDIT_METADATA)[N]>;
};

interface AuditField {
  readonly kind: AuditValueKind;
  readonly nullable?: true;
}

/** The members of an event beside its metadata, as {@link AUDIT_METADATA} has those. */
export const AUDIT_FIELDS = {
  /** 32 hexadecimal characters; with `timestamp` and `provider` the full key, fixed before the first attempt to write. */
  id: { kind: 'text' },
  /** ISO 8601 in UTC with milliseconds. */
  timestamp: { kind: 'time' },
  event_type: { kind: AUDIT_EVENT_TYPES },
  provider: { kind: 'text', nullable: true },
  /** The verified principal: an ARN. Null where nobody was verified. */
  user_id: { kind: 'text', nullable: true },
  ip_address: { kind: 'text', nullable: true },
  user_agent: { kind: 'text', nullable: true },
  /** Null for an intent, whose outcome is another event, and for an outcome that nobody knows. */
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
 * One use of a key, or one refusal. Members are the same in the table, on the wire and here. No member is a
 * plaintext, nor derived from one.
 */
export type AuditEvent = {
  readonly [N in keyof Fields]: ValueOf<Fields[N]['kind']> | (Fields[N] extends { nullable: true } ? null : never);
} & {
  readonly metadata: AuditMetadata;
  /**
   * Set on an event that was read where somebody has edited its row: a member that is lost is null, empty or left out, and what
   * is shown is what is left. Never written.
   */
  readonly damaged?: true;
};

type NullableField = { [N in keyof Fields]: Fields[N] extends { nullable: true } ? N : never }[keyof Fields];

const FIELD_NAMES = Object.keys(AUDIT_FIELDS) as (keyof Fields)[];

/** The event with the members of its fields and no others: those that may be null are, unless they are given. */
export function newAuditEvent(
  given: Omit<AuditEvent, NullableField | 'damaged'> & Partial<Pick<AuditEvent, NullableField>>,
): AuditEvent {
  const members = FIELD_NAMES.map((name) => [name, given[name] ?? null]);
  return { ...(Object.fromEntries(members) as Pick<AuditEvent, keyof Fields>), metadata: given.metadata };
}

/** SHA-256 of a token's text, 64 hexadecimal characters: finds a leaked token in the log without holding it. */
export const tokenSha256 = (token: string): string => createHash('sha256').update(token, 'utf8').digest('hex');
