import { HOUR_MS, MINUTE_MS, SECOND_MS } from './time-units';

/** How long functions, queues and schedules have, in milliseconds unless their name says otherwise. */

/** API Gateway waits no longer for a function ("Integration timeout", API Gateway quotas). */
export const GATEWAY_MS = 29 * SECOND_MS;
/** Functions behind the API, and `prove-keyset`. Shorter, so that the function is the one that says what went wrong. */
export const API_FUNCTION_MS = 20 * SECOND_MS;
/** The CLI: API Gateway has given up before, and whoever waits longer waits for nobody. */
export const CLI_TIMEOUT_MS = 35 * SECOND_MS;

export const ROTATE_KEK_MS = 2 * MINUTE_MS;
export const REWRAP_DEKS_MS = 2 * MINUTE_MS;
/** A message to rewrap comes again for so long, until every region returns the new KEK. */
export const REWRAP_PATIENCE_MS = 12 * HOUR_MS;

/**
 * Lambda's longest, 15 minutes, would keep a message whose run was cut off out of sight for an hour and a half: six times the
 * timeout. A run saves its progress page by page and sends itself again before its time is up; what has to fit is one count of
 * a whole shard.
 */
export const ROTATION_WORKER_MS = 5 * MINUTE_MS;
/** What is left for a page that has begun, its audit events, and the message that says where to go on. */
export const WORKER_RESERVE_MS = 60 * SECOND_MS;
/** A step of a rotation that nobody can do comes again for so long. */
export const ROTATION_PATIENCE_MS = 2 * HOUR_MS;
/** SQS holds a message back for no longer (API_SendMessage, DelaySeconds), in seconds. */
export const LONGEST_DELAY_S = 900;
/** Lambda asks for six times the function's timeout (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export const VISIBILITY_PER_TIMEOUT = 6;

/** How often the sweep begins. */
export const SWEEP_INTERVAL_MS = HOUR_MS;
export const SWEEP_MS = 15 * MINUTE_MS;
/** A round that could not begin is tried again for so long; the next one does the same. */
export const SWEEP_RETRY_MS = 50 * MINUTE_MS;
/** For alarms on what the hourly sweep writes: a round that comes late leaves no gap. */
export const SEEN_HOURLY_MS = 2 * HOUR_MS;

/** For so long the schedule of the KEK tries again to start a rotation. */
export const KEK_SCHEDULE_RETRY_MS = 24 * HOUR_MS;

/** Bootstrap waits for at most {@link BOOTSTRAP_WAIT_MS} in all, of them {@link FIRST_KEK_WAIT_MS} for the first KEK. */
export const BOOTSTRAP_MS = 14 * MINUTE_MS;
/** CloudFormation waits so long for bootstrap's answer. */
export const BOOTSTRAP_SERVICE_MS = 16 * MINUTE_MS;
/** All waits of bootstrap end by then, so that the function has time to answer. */
export const BOOTSTRAP_WAIT_MS = 13 * MINUTE_MS;
export const FIRST_KEK_WAIT_MS = 10 * MINUTE_MS;
/** Bootstrap waits so long for a region that was there before: it may be catching up. */
export const KNOWN_REGION_WAIT_MS = MINUTE_MS;
/** A fresh role's permissions may not have spread yet: bootstrap asks again for so long for what is refused. */
export const BOOTSTRAP_ROLE_SPREADS_MS = 2 * MINUTE_MS;
/** The same, where a step of the KEK's rotation is denied something. */
export const ROTATE_KEK_ROLE_SPREADS_MS = MINUTE_MS;
