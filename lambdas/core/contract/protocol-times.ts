import { RESTORABLE_DAYS } from './limits';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './time-units';

/**
 * The times that the protocols stand on, in milliseconds unless their name says otherwise: each bound is the sum of its parts.
 * test/unit/contract/protocol-times.test.ts says of each what it is longer or shorter than, and what would go wrong otherwise.
 */

// What a process knows of keysets and KEKs.

/** From this age on a keyset is read again, spread over {@link KEYSET_REFRESH_JITTER_MS} so that processes do not ask in step. */
export const KEYSET_REFRESH_AFTER_MS = 40 * SECOND_MS;
export const KEYSET_REFRESH_JITTER_MS = 10 * SECOND_MS;
/** Nothing is sealed with metadata older than this: a retired version must not come back. */
export const MAX_SEALING_AGE_MS = 60 * SECOND_MS;
/** How long tokens still open with the last good keyset while no region answers. */
export const KEYSET_MAX_STALE_MS = 24 * HOUR_MS;
/** How long to leave a source of keysets that failed alone, so that a dead store does not delay every request. */
export const KEYSET_RETRY_AFTER_MS = SECOND_MS;
/** So long, from its beginning, one read of home's keyset answers for all numbers but the next one; made-up ones cost no more. */
export const HOME_ANSWER_HOLDS_MS = 2 * SECOND_MS;
/** The next number may come into being at any moment, so it is looked for anew; not more often than this. */
export const LOOK_INTERVAL_MS = 200;
/** Up to this age a copy of the KEK is served while it cannot be read. */
export const KEK_MAX_STALE_MS = 24 * HOUR_MS;
/** How long one region may take to give the KEK, retries included. */
export const KEK_REGION_TIMEOUT_MS = 1500;
/** After a failed attempt, how long whoever has no copy, or asks for a newer one, is refused without a new one. */
export const KEK_RETRY_AFTER_MS = SECOND_MS;

// How long what was decided may be under way.

/** The times in a keyset are those of its decision: what could not be announced for so long is decided anew. */
export const DECISION_MAX_AGE_MS = 10 * SECOND_MS;
/** For the attempts to write a keyset. */
export const KEYSET_WRITE_MS = 10 * SECOND_MS;
/** So long after a step was decided it may still become visible. */
export const VISIBLE_MS = DECISION_MAX_AGE_MS + KEYSET_WRITE_MS;
/**
 * A credential is not written under a key that was read longer ago than this: by then another version may be the primary,
 * and a rotation may have looked for what is left under the old one. A request to DynamoDB that is late on the way is no way
 * round it, because its signature is refused after some minutes (Signature Version 4).
 */
export const SEALED_MAX_AGE_MS = 60 * SECOND_MS;
/** For the attempts to write a credential. */
export const CREDENTIAL_WRITE_MS = 40 * SECOND_MS;

// The rotation of a DEK.

/** Clocks of the two functions that publish and promote are not the same. */
export const PUBLISH_MARGIN_MS = 2 * SECOND_MS;
/**
 * How long after a new version was decided on it may become the primary: once it is visible, every process reads the keyset
 * at least once in {@link MAX_SEALING_AGE_MS}, so all of them know the version before the first token under it appears.
 */
export const PUBLISH_MS = VISIBLE_MS + MAX_SEALING_AGE_MS + PUBLISH_MARGIN_MS;
/**
 * For so long after a promotion was decided a credential may still be written under the version before it: until it is
 * visible, for as long as what was sealed may wait, and for the attempts to write it.
 *
 * Where the promotion and a re-encryption of the rotation before it both lose the answers to all their first attempts, and are
 * applied by the very last of the second ones, five seconds are missing. Such a credential is a straggler, which the sweep moves, and no
 * version is destroyed before all credentials have been counted again.
 */
export const SETTLE_MS = VISIBLE_MS + SEALED_MAX_AGE_MS + CREDENTIAL_WRITE_MS;
/** Messages look after a rotation that waits for a region so long; then the hourly sweep is often enough, and they must not multiply for ever. */
export const ADVANCE_PATIENCE_MS = HOUR_MS;
/** Waiting for a region is no news before this. */
export const UNPROVED_ALARM_MS = 10 * MINUTE_MS;
/** A shard that has not moved for so long has lost its message. */
export const SHARD_STUCK_MS = 20 * MINUTE_MS;
/** One call of the API counts for so long what a rotation would move. */
export const DRY_RUN_BUDGET_MS = 8 * SECOND_MS;

// What has to stay because somebody may come back to it.

/** A copy that needs an old version may be restored until then. */
export const RESTORABLE_MS = RESTORABLE_DAYS * DAY_MS;
/**
 * How long a KEK stays in the secret after it was primary, and after the last keyset referred to it: for as long as something can be
 * restored, and five days more for whoever restores it.
 */
export const KEK_RETENTION_MS = RESTORABLE_MS + 5 * DAY_MS;

// When somebody has to look.

/** The schedule rotates the KEK on the first of a month; so many days later it has missed it, and the sweep asks for it. */
export const KEK_MISSED_DAYS = 5;
/** So many days after it was due an alarm tells that the KEK does not rotate. */
export const KEK_ALARM_DAYS = 7;

// The audit log.

/** An intent that is younger may still be under way, or on its way here from another region. */
export const INTENT_SETTLED_MS = 15 * MINUTE_MS;
/** Looked at again each time: an intent can reach this region late. */
export const INTENT_OVERLAP_MS = 2 * HOUR_MS;
/** The steps in which a pause is made up for: a busy hour can hold more events than a quiet month. */
export const INTENT_FIRST_WINDOW_MS = HOUR_MS;
export const INTENT_SHORTEST_WINDOW_MS = 15 * MINUTE_MS;
export const INTENT_QUICK_MS = 5 * SECOND_MS;
/** After this a run leaves the rest to the next one: the sweep has other things to do. */
export const INTENT_BUDGET_MS = 3 * MINUTE_MS;
/** One page of the audit log is looked for so long; the next one goes on from there. */
export const AUDIT_QUERY_BUDGET_MS = 4 * SECOND_MS;
/** One call of the API searches for so long who still presents a version. */
export const CALLERS_BUDGET_MS = 10 * SECOND_MS;
