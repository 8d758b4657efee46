import { createHash } from 'node:crypto';

export const AUDIT_EVENT_TYPES = [
  'encrypt',
  'decrypt',
  'rewrap',
  'failed_decrypt',
  'unauthorized_access',
  'rotate',
  'config_change',
  'consistency_check',
] as const;

export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];

/**
 * What an event may say beyond its fixed members: a closed list, because free text is how secrets get into logs. No
 * value here comes unchecked from a caller.
 */
export interface AuditMetadata {
  /** Stable error code and, for the auditor alone, why. */
  readonly code?: string;
  readonly reason?: string;
  /** The API operation or the part of Keyward that acted. */
  readonly operation?: string;
  /** Changes leave two events with one `write_id`: what was about to be done, and what came of it. */
  readonly phase?: 'intent' | 'outcome';
  readonly outcome?: 'written' | 'refused' | 'unknown' | 'failed';
  readonly write_id?: string;
  /** Of the token that a rewrap issued; the event's own `token_sha256` is that of the token that was presented. */
  readonly new_token_sha256?: string;
  /** Name of the stored credential. */
  readonly credential?: string;
  readonly revision?: number;
  /** Of a DEK: which rotation, and the version that was the primary before it. */
  readonly rotation_id?: string;
  readonly from_version?: number;
  /** Of a region that has not proved a version that is promoted all the same. */
  readonly unproved_regions?: string;
  /** How many credentials were looked at, and how many of them do not open. */
  readonly credentials?: number;
  readonly undecryptable?: number;
  /**
   * Credentials that a rotation moves together: those of one shard that were under another version, from the first name to
   * the last (by bytes). The `write_id` of each begins with that of the event.
   */
  readonly shard?: number;
  readonly first_credential?: string;
  readonly last_credential?: string;
  readonly moved?: number;
  readonly skipped?: number;
  readonly pending_window_days?: number;
  /** Of a KEK: the one that became current, or that a keyset moved to; and those that left the secret with it, by commas. */
  readonly kek_id?: string;
  readonly dropped_kek_ids?: string;
  /** What a deployment serves before and after a change, by commas. */
  readonly old_regions?: string;
  readonly new_regions?: string;
  readonly old_providers?: string;
  readonly new_providers?: string;
  /** A policy before and after a change: `<enabled or disabled>, every <n> days, grace <n> days`. */
  readonly old_policy?: string;
  readonly new_policy?: string;
  /** Unauthenticated refusals that were counted into this one event, and between which times. */
  readonly count?: number;
  readonly first_at?: string;
  readonly last_at?: string;
  /** Set on the last refusal that got an event of its own: what follows from that address in that minute is counted. */
  readonly further_refusals?: 'counted';
}

/** Of which type each member of the metadata is. */
export const METADATA_TYPES: {
  readonly [N in keyof Required<AuditMetadata>]: Required<AuditMetadata>[N] extends number ? 'count' : 'text';
} = {
  code: 'text',
  reason: 'text',
  operation: 'text',
  phase: 'text',
  outcome: 'text',
  write_id: 'text',
  new_token_sha256: 'text',
  credential: 'text',
  revision: 'count',
  rotation_id: 'text',
  from_version: 'count',
  unproved_regions: 'text',
  credentials: 'count',
  undecryptable: 'count',
  shard: 'count',
  first_credential: 'text',
  last_credential: 'text',
  moved: 'count',
  skipped: 'count',
  pending_window_days: 'count',
  kek_id: 'text',
  dropped_kek_ids: 'text',
  old_regions: 'text',
  new_regions: 'text',
  old_providers: 'text',
  new_providers: 'text',
  old_policy: 'text',
  new_policy: 'text',
  count: 'count',
  first_at: 'text',
  last_at: 'text',
  further_refusals: 'text',
};

/**
 * One use of a key, or one refusal. Members are the same in the table, on the wire and here. No member is a
 * plaintext, nor derived from one.
 */
export interface AuditEvent {
  /** 32 hexadecimal characters; with `timestamp` and `provider` the full key, fixed before the first attempt to write. */
  readonly id: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly timestamp: string;
  readonly event_type: AuditEventType;
  readonly provider: string | null;
  /** The verified principal: an ARN. Null where nobody was verified. */
  readonly user_id: string | null;
  readonly ip_address: string | null;
  readonly user_agent: string | null;
  /** Null for an intent, whose outcome is another event, and for an outcome that nobody knows. */
  readonly success: boolean | null;
  readonly error_message: string | null;
  readonly region: string;
  readonly request_id: string;
  readonly key_version: number | null;
  /** SHA-256 of the token's text in hexadecimal. */
  readonly token_sha256: string | null;
  readonly metadata: AuditMetadata;
  /**
   * Set on an event that was read where somebody has edited its row: a member that is lost is null, empty or left out, and what
   * is shown is what is left. Never written.
   */
  readonly damaged?: true;
}

/** SHA-256 of a token's text, 64 hexadecimal characters: finds a leaked token in the log without holding it. */
export const tokenSha256 = (token: string): string => createHash('sha256').update(token, 'utf8').digest('hex');
