import {
  DEK_ROTATION_OUTCOMES,
  DEK_ROTATION_PHASES,
  type IdempotencyMark,
  type Escalation,
} from '../keysets/keyset-record';

export const DEK_ROTATION_STATUSES = [...DEK_ROTATION_PHASES, ...DEK_ROTATION_OUTCOMES] as const;

/**
 * The report of a rotation, kept after its end. The keyset decides what a rotation does; the report follows it, and the next step
 * after a crash updates it.
 */
export interface DekRotationReport {
  readonly provider: string;
  readonly rotation_id: string;
  /** Grows by one with every write. */
  readonly revision: number;
  readonly write_id: string;
  readonly status: (typeof DEK_ROTATION_STATUSES)[number];
  readonly version: number;
  readonly from_version: number;
  readonly emergency: boolean;
  /** The caller's reason; null if the policy started the rotation. */
  readonly reason: string | null;
  /** ARN of the principal, or the part of Keyward that started it. */
  readonly started_by: string;
  readonly idempotency?: IdempotencyMark;
  readonly takeover?: Escalation;
  readonly started_at: string;
  readonly promoted_at: string | null;
  readonly grace_until: string | null;
  readonly ended_at: string | null;
  /** By region: when, and for which revision and KEK, it proved that it unwraps the new version. */
  readonly proofs: Readonly<Record<string, RegionProofRecord>>;
  /** By region: when it was first seen to have the promotion. */
  readonly acknowledged: Readonly<Record<string, string>>;
  /** Regions that had not proved the new version when it was promoted: an emergency does not wait for them. */
  readonly unproved_regions: readonly string[];
}

/** A report whose row was edited. */
interface DamagedReport {
  readonly provider: string;
  readonly rotation_id: string;
  readonly damaged: true;
}

export type StoredReport = DekRotationReport | DamagedReport;

/** The report, or undefined if it is missing or cannot be read. */
export const intactReport = (stored: StoredReport | undefined): DekRotationReport | undefined =>
  stored === undefined || 'damaged' in stored ? undefined : stored;

export interface RegionProofRecord {
  readonly proved_at: string;
  readonly revision: number;
  readonly kek_id: string;
}

/**
 * Progress of one shard's rekey. `moving` rekeys all names in turn; `verifying` looks for remaining values; `verified` found
 * none, or only those in `failures`.
 */
export interface ShardProgress {
  readonly provider: string;
  readonly rotation_id: string;
  readonly shard: number;
  readonly revision: number;
  readonly write_id: string;
  readonly phase: 'moving' | 'verifying' | 'verified';
  /** From 1; another pass follows if the verification found values. */
  readonly pass: number;
  readonly pass_started_at: string;
  /** The last name that was processed in this pass; null at its beginning. */
  readonly after: string | null;
  /** Values when it began: a credential has one, or two with its previous value. All counts below are values too. */
  readonly total: number;
  /** Rekeyed values of all passes. After a crash those of one page may count as skipped. */
  readonly moved: number;
  /** Values that were already under the primary in the first pass. */
  readonly skipped: number;
  /** Values that do not open, in this pass. */
  readonly failed: number;
  /** Names of credentials that do not open, at most {@link MAX_NAMED_FAILURES}. */
  readonly failures: readonly string[];
  /** As `failures`, for previous values. Missing in rows of releases without previous values. */
  readonly previous_failures?: readonly string[];
  readonly started_at: string;
  readonly updated_at: string;
}

export const MAX_NAMED_FAILURES = 100;
