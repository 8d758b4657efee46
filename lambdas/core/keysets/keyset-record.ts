export const DEK_VERSION_STATES = ['pending', 'primary', 'decrypt_only', 'rewrap_only', 'destroyed'] as const;

/**
 * States of a DEK version (NIST SP 800-57 part 1, section 7): `pending` is published and not yet used, `primary` seals and opens,
 * `decrypt_only` opens during the grace period, `rewrap_only` opens for a rewrap alone, `destroyed` has no key. States gate
 * tokens; a stored credential opens under any version that still has its key.
 */
export type DekVersionState = (typeof DEK_VERSION_STATES)[number];

/**
 * One version. The writer in the home region sets all times. Members of a later release are kept, because the MAC covers them.
 */
export interface DekVersionRecord {
  readonly state: DekVersionState;
  readonly created_at: string;
  /** Absent once destroyed. */
  readonly encrypted_dek?: string;
  /** When it became the primary; absent on a first version, which was primary from the beginning. */
  readonly promoted_at?: string;
  /** When another version became the primary. */
  readonly superseded_at?: string;
  /** End of its grace period. Absent until every region has acknowledged that another version is the primary. */
  readonly grace_until?: string;
  readonly retired_at?: string;
  /** When a consistent pass found no stored credential under it; removed when one is found. */
  readonly unreferenced_since?: string;
  /** The requested destruction. */
  readonly destruction?: Destruction;
  readonly destroyed_at?: string;
  readonly [member: string]: unknown;
}

/** A requested destruction of a version. */
export interface Destruction {
  readonly scheduled_at: string;
  /** The end of the window in which it can be cancelled. */
  readonly not_before: string;
}

export const DEK_ROTATION_PHASES = ['publishing', 'rekeying'] as const;

/** The running rotation: at most one per provider. */
export interface RunningDekRotation {
  /** 32 hexadecimal characters; sorts by the time of its start. */
  readonly id: string;
  /** `publishing`: the new version is pending; `rekeying`: it is the primary, and stored credentials move to it. */
  readonly phase: (typeof DEK_ROTATION_PHASES)[number];
  readonly version: number;
  /** The primary when it began. */
  readonly from_version: number;
  readonly emergency: boolean;
  readonly started_at: string;
  /** ARN of the principal, or the part of Keyward that started it. */
  readonly started_by: string;
  /** The reason that its caller gave, if any. */
  readonly reason?: string;
  readonly idempotency?: IdempotencyMark;
  readonly promoted_at?: string;
  /** The escalation, if it began without emergency. */
  readonly takeover?: Escalation;
}

/** Recognizes a repeated request. Both members are SHA-256 in hexadecimal: of caller and key, and of the request. */
export interface IdempotencyMark {
  readonly key_sha256: string;
  readonly request_sha256: string;
}

/** The change of a running rotation into an emergency. */
export interface Escalation {
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
  readonly idempotency?: IdempotencyMark;
}

export const DEK_ROTATION_OUTCOMES = ['completed', 'completed_with_failures', 'aborted', 'superseded'] as const;

export type DekRotationOutcome = (typeof DEK_ROTATION_OUTCOMES)[number];

/** The rotation that ended last, so that its report can be finished after a crash. */
export interface EndedDekRotation {
  readonly id: string;
  readonly outcome: DekRotationOutcome;
  readonly ended_at: string;
}

/** When a provider's DEK rotates. `interval_days` 30, 60 or 90; times are ISO 8601 in UTC, decided in the home region. */
export interface DekRotationPolicy {
  readonly enabled: boolean;
  readonly interval_days: number;
  readonly grace_period_days: number;
  readonly next_rotation_at: string;
  readonly last_rotation_at: string | null;
}

/** All versions of one provider's DEK, in the one record that changes in one conditional write. */
export interface KeysetRecord {
  readonly provider: string;
  /** Grows by one with every write and is never used twice. */
  readonly revision: number;
  /** New for every write, so that a writer whose answer was lost can tell whether it was written. */
  readonly write_id: string;
  /** The KEK that wraps every version and makes the MAC. */
  readonly kek_id: string;
  readonly primary_version: number;
  readonly versions: Readonly<Record<string, DekVersionRecord>>;
  readonly dek_created_at: string;
  readonly dek_rotation_count: number;
  readonly rotation_policy: DekRotationPolicy;
  readonly rotation?: RunningDekRotation;
  readonly last_rotation?: EndedDekRotation;
  /** The highest version number whose entry was removed; no number is used twice. */
  readonly highest_version?: number;
  /** Canonical base64 of HMAC-SHA-256 over the canonical record without this member. */
  readonly mac: string;
  readonly [member: string]: unknown;
}
