import { HOUR_MS, MINUTE_MS, SECOND_MS } from './time-units';

/** Time limits of functions, queues and schedules, in milliseconds unless their name says otherwise. */

/** API Gateway's limit for a function ("Integration timeout", API Gateway quotas). */
export const GATEWAY_MS = 29 * SECOND_MS;
/**
 * Functions behind the API, and `prove-keyset`. Shorter than {@link GATEWAY_MS}, so that the function answers and not the
 * gateway.
 */
export const API_FUNCTION_MS = 20 * SECOND_MS;
/** The CLI. Longer than {@link GATEWAY_MS}, after which no answer can come. */
export const CLI_TIMEOUT_MS = 35 * SECOND_MS;

export const ROTATE_KEK_MS = 2 * MINUTE_MS;
export const REWRAP_DEKS_MS = 2 * MINUTE_MS;
/** How long a rewrap message is retried while a region does not return the new KEK. */
export const REWRAP_PATIENCE_MS = 12 * HOUR_MS;

/**
 * With Lambda's maximum, 15 minutes, the message of a run that was cut off would stay invisible for 90 minutes: six times the
 * timeout. A run saves its progress page by page and sends its message again before its time is up; one count of a whole shard
 * has to fit.
 */
export const DEK_ROTATION_WORKER_MS = 5 * MINUTE_MS;
/** Reserve for a page that has begun, its audit events, and the message with the place to continue. */
export const WORKER_RESERVE_MS = 60 * SECOND_MS;
/** How long a failing step of a rotation is retried. */
export const DEK_ROTATION_PATIENCE_MS = 2 * HOUR_MS;
/** The longest delay of a message in SQS (API_SendMessage, DelaySeconds), in seconds. */
export const LONGEST_DELAY_S = 900;
/**
 * Visibility timeout of a queue as a multiple of its function's timeout (Lambda Developer Guide, "Using Lambda with Amazon SQS").
 */
export const VISIBILITY_PER_TIMEOUT = 6;

/** Interval of the sweep. */
export const SWEEP_INTERVAL_MS = HOUR_MS;
export const SWEEP_MS = 15 * MINUTE_MS;
/** How long a sweep that could not begin is retried; the next one does the same work. */
export const SWEEP_RETRY_MS = 50 * MINUTE_MS;
/** Period of alarms on what the hourly sweep writes: a late sweep leaves no gap. */
export const SEEN_HOURLY_MS = 2 * HOUR_MS;

/** Longest run of a step that writes a KEK or a keyset under it: rotate-kek, rewrap-deks, bootstrap or the sweep. */
export const KEK_STEP_MS = SWEEP_MS + MINUTE_MS;
/**
 * The same in one process: from the question whether the KEK is being moved to the end of the write that follows. Its parts are the
 * audit event and one call, each with a time limit of seconds.
 */
export const LOCAL_KEK_STEP_MS = MINUTE_MS;

/** How long the KEK's schedule retries to start a rotation. */
export const KEK_SCHEDULE_RETRY_MS = 24 * HOUR_MS;

/** Bootstrap waits for at most {@link BOOTSTRAP_WAIT_MS} in all, of them {@link FIRST_KEK_WAIT_MS} for the first KEK. */
export const BOOTSTRAP_MS = 14 * MINUTE_MS;
/** How long CloudFormation waits for bootstrap's answer. */
export const BOOTSTRAP_SERVICE_MS = 16 * MINUTE_MS;
/** The end of all waits of bootstrap, so that the function has time to answer. */
export const BOOTSTRAP_WAIT_MS = 13 * MINUTE_MS;
export const FIRST_KEK_WAIT_MS = 10 * MINUTE_MS;
/** How long bootstrap waits for a region that was part of the deployment before: it may be catching up. */
export const KNOWN_REGION_WAIT_MS = MINUTE_MS;
/** How long bootstrap retries denied calls: a new role's permissions may not have propagated yet. */
export const BOOTSTRAP_ROLE_SPREADS_MS = 2 * MINUTE_MS;
/** The same for a step of the KEK rotation. */
export const ROTATE_KEK_ROLE_SPREADS_MS = MINUTE_MS;

/** One batch of the audit table's stream: an object of the archive. */
export const ARCHIVE_EVENTS_MS = 2 * MINUTE_MS;
/**
 * How long Lambda gathers events of a shard, at most its longest: each batch becomes an object. Nothing waits for it: until then the
 * stream keeps what happened, and nobody can take it out of there.
 */
export const ARCHIVE_WINDOW_MS = 5 * MINUTE_MS;
/** How long a batch is retried. DynamoDB keeps a stream's records for 24 hours; what is left then goes to a bucket. */
export const ARCHIVE_PATIENCE_MS = 20 * HOUR_MS;
/** How long a message of the reconciliation is retried; what it was about is due again the next day. */
export const RECONCILIATION_PATIENCE_MS = 12 * HOUR_MS;
/** How long a reconciliation that could not begin is retried; the next one does the same work. */
export const RECONCILIATION_RETRY_MS = 12 * HOUR_MS;
/** Lambda's longest. */
export const PUBLISH_CHECKPOINT_MS = 15 * MINUTE_MS;
/** Interval of the publication. */
export const PUBLISH_INTERVAL_MS = HOUR_MS;
/** How long a publication that could not begin is retried; the next one does the same work. */
export const PUBLISH_RETRY_MS = 50 * MINUTE_MS;
/** One delivery of the access log: thousands of events, or some that are refused. What was written stays, so a second attempt has less to do. */
export const RECORD_REFUSALS_MS = 20 * SECOND_MS;
/** Lambda's longest for an asynchronous event. It tries three times within minutes; throttles may take longer. */
export const RECORD_REFUSALS_PATIENCE_MS = 6 * HOUR_MS;
