import { ROTATION_OUTCOMES, ROTATION_PHASES, type IdempotencyMark, type Escalation } from '../keysets/keyset-record';

export const ROTATION_STATUSES = [...ROTATION_PHASES, ...ROTATION_OUTCOMES] as const;

/**
 * What is told of a rotation, kept after it has ended. The keyset decides what a rotation does; this only follows it, and is
 * brought up to date by the next step after a crash.
 */
export interface RotationReport {
  readonly provider: string;
  readonly rotation_id: string;
  /** Grows by one with every write. */
  readonly revision: number;
  readonly write_id: string;
  readonly status: (typeof ROTATION_STATUSES)[number];
  readonly version: number;
  readonly from_version: number;
  readonly emergency: boolean;
  /** What the caller gave; null for one that the policy started. */
  readonly reason: string | null;
  /** ARN of the principal, or the part of Keyward that started it. */
  readonly started_by: string;
  readonly idempotency?: IdempotencyMark;
  readonly takeover?: Escalation;
  readonly started_at: string;
  readonly promoted_at: string | null;
  readonly grace_until: string | null;
  readonly ended_at: string | null;
  /** By region, when and for which revision and KEK it proved that it unwraps the new version. */
  readonly proofs: Readonly<Record<string, RegionProofRecord>>;
  /** By region, when it was first seen to have the promotion. */
  readonly acknowledged: Readonly<Record<string, string>>;
  /** The regions that had not proved the new version when it was promoted: an emergency does not wait for them. */
  readonly unproved_regions: readonly string[];
}

/** What is left of a report whose row somebody has edited. */
interface DamagedReport {
  readonly provider: string;
  readonly rotation_id: string;
  readonly damaged: true;
}

export type StoredReport = RotationReport | DamagedReport;

/** The report, or undefined where it is not there or cannot be read. */
export const intactReport = (stored: StoredReport | undefined): RotationReport | undefined =>
  stored === undefined || 'damaged' in stored ? undefined : stored;

export interface RegionProofRecord {
  readonly proved_at: string;
  readonly revision: number;
  readonly kek_id: string;
}

/**
 * How far one shard's re-encryption is. `moving` goes through all names; `verifying` looks for what is left; `verified`
 * has found nothing, or only what is in `failures`.
 */
export interface ShardProgress {
  readonly provider: string;
  readonly rotation_id: string;
  readonly shard: number;
  readonly revision: number;
  readonly write_id: string;
  readonly phase: 'moving' | 'verifying' | 'verified';
  /** From 1; another one follows where the verification has found something. */
  readonly pass: number;
  readonly pass_started_at: string;
  /** The last name that was dealt with in this pass; null at its beginning. */
  readonly after: string | null;
  /** Values when it began: a credential has one, or two where its previous one is kept, too; so in all that follows. */
  readonly total: number;
  /** Moved, in all passes. After a crash those of one page may count as skipped. */
  readonly moved: number;
  /** Found to be on the primary already, in the first pass. */
  readonly skipped: number;
  /** Those that do not open, in this pass. */
  readonly failed: number;
  /** Names of those that do not open, at most {@link MAX_NAMED_FAILURES}. */
  readonly failures: readonly string[];
  /** As `failures`, of those whose previous value does not open. Missing in rows from before there were previous values. */
  readonly previous_failures?: readonly string[];
  readonly started_at: string;
  readonly updated_at: string;
}

export const MAX_NAMED_FAILURES = 100;
