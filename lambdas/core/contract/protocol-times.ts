import { RESTORABLE_DAYS } from './limits';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './time-units';

/**
 * Times of the protocols, in milliseconds unless their name says otherwise. Each bound is the sum of its parts.
 * test/unit/contract/protocol-times.test.ts states each inequality, and what would go wrong without it.
 */

// Caches of keysets and KEKs.

/**
 * Age from which a cached keyset is refreshed, with jitter of {@link KEYSET_REFRESH_JITTER_MS} so that processes do not refresh
 * in step.
 */
export const KEYSET_REFRESH_AFTER_MS = 40 * SECOND_MS;
export const KEYSET_REFRESH_JITTER_MS = 10 * SECOND_MS;
/** Maximum age of the metadata for sealing: a retired version must not be used again. */
export const MAX_SEALING_AGE_MS = 60 * SECOND_MS;
/** How long tokens still open with the last good keyset while no region answers. */
export const KEYSET_MAX_STALE_MS = 24 * HOUR_MS;
/** Pause after a failed read of a source, so that a dead store does not delay every request. */
export const KEYSET_RETRY_AFTER_MS = SECOND_MS;
/**
 * How long, from its beginning, one read of home's keyset answers for all versions but the next one, so that made-up versions
 * cost no more reads.
 */
export const HOME_ANSWER_HOLDS_MS = 2 * SECOND_MS;
/** Minimum interval of the reads for the next version, which may be created at any moment. */
export const LOOK_INTERVAL_MS = 200;
/** Maximum age of a copy of the KEK while it cannot be read. */
export const KEK_MAX_STALE_MS = 24 * HOUR_MS;
/** Timeout for reading the KEK in one region, retries included. */
export const KEK_REGION_TIMEOUT_MS = 1500;
/** Pause after a failed read of the KEK: a request that needs a new copy fails at once. */
export const KEK_RETRY_AFTER_MS = SECOND_MS;

// From a decision to its effect.

/**
 * Maximum age of a decision when its intent is recorded: the times in a keyset are those of the decision, so an older one is made
 * again.
 */
export const DECISION_MAX_AGE_MS = 10 * SECOND_MS;
/** Time for all attempts to write a keyset. */
export const KEYSET_WRITE_MS = 10 * SECOND_MS;
/** Longest time from the decision of a step until it is visible. */
export const VISIBLE_MS = DECISION_MAX_AGE_MS + KEYSET_WRITE_MS;
/**
 * Maximum age of the key under which a credential is written: later another version may be the primary, and a rotation may have
 * counted what is left under the old one. A delayed request to DynamoDB does not evade this, because its signature expires after
 * some minutes (Signature Version 4).
 */
export const SEALED_MAX_AGE_MS = 60 * SECOND_MS;
/** Time for all attempts to write a credential. */
export const CREDENTIAL_WRITE_MS = 40 * SECOND_MS;

// The rotation of a DEK.

/** Margin for the clocks of the functions that publish and promote. */
export const PUBLISH_MARGIN_MS = 2 * SECOND_MS;
/**
 * Minimum time from the decision of a new version until its promotion: once it is visible, every process reads the keyset at
 * least once in {@link MAX_SEALING_AGE_MS}, so all of them know the version before the first token under it exists.
 */
export const PUBLISH_MS = VISIBLE_MS + MAX_SEALING_AGE_MS + PUBLISH_MARGIN_MS;
/**
 * Longest time from the decision of a promotion during which a credential may still be written under the version before it: until
 * the promotion is visible, the maximum age of a sealed value, and the attempts to write it.
 *
 * The bound is five seconds short if the promotion and a rekey of the rotation before it both lose the answers to all their first
 * attempts and are applied by the last of the second ones. The sweep rekeys such a credential, and no version is destroyed before
 * all credentials have been counted again.
 */
export const SETTLE_MS = VISIBLE_MS + SEALED_MAX_AGE_MS + CREDENTIAL_WRITE_MS;
/**
 * How long messages advance a rotation that waits for a region; then the hourly sweep does, so that messages do not multiply
 * without end.
 */
export const ADVANCE_PATIENCE_MS = HOUR_MS;
/** How long a rotation waits for a region before an alarm. */
export const UNPROVED_ALARM_MS = 10 * MINUTE_MS;
/** Time without progress after which the message of a shard counts as lost. */
export const SHARD_STUCK_MS = 20 * MINUTE_MS;
/** Time limit of one dry run call. */
export const DRY_RUN_BUDGET_MS = 8 * SECOND_MS;

// Retention for restores.

/** How long a copy that needs an old version may be restored. */
export const RESTORABLE_MS = RESTORABLE_DAYS * DAY_MS;
/**
 * How long a KEK stays in the secret after it was primary and after the last keyset referred to it: the time in which a backup
 * can be restored, and five days for the restore itself.
 */
export const KEK_RETENTION_MS = RESTORABLE_MS + 5 * DAY_MS;

// Alarms.

/** The schedule rotates the KEK on the first of a month. So many days after a missed rotation the sweep requests it. */
export const KEK_MISSED_DAYS = 5;
/** Days after a missed KEK rotation until an alarm. */
export const KEK_ALARM_DAYS = 7;

// The audit log.

/** Age from which a function does not send a throttled event again; a running attempt may take longer. */
export const AUDIT_RETRY_MS = 2.5 * SECOND_MS;
/** Age from which an intent is closed: a younger change may be running, or its outcome may not be replicated yet. */
export const INTENT_SETTLED_MS = 15 * MINUTE_MS;
/** Overlap of two runs: an intent can reach this region late. */
export const INTENT_OVERLAP_MS = 2 * HOUR_MS;
/** First window after a pause: a busy hour can hold more events than a quiet month. */
export const INTENT_FIRST_WINDOW_MS = HOUR_MS;
export const INTENT_SHORTEST_WINDOW_MS = 15 * MINUTE_MS;
export const INTENT_QUICK_MS = 5 * SECOND_MS;
/** Time limit of one run; the next run does the rest. */
export const INTENT_BUDGET_MS = 3 * MINUTE_MS;
/** Time limit for one page of the audit log; the next page continues from there. */
export const AUDIT_QUERY_BUDGET_MS = 4 * SECOND_MS;
/** Time limit for one call that searches the callers of a version. */
export const CALLERS_BUDGET_MS = 10 * SECOND_MS;
