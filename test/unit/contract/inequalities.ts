import { callMs, conditionalWriteMs, type ClientLimits } from '../../../lambdas/core/contract/client-limits';
import type * as functionTimes from '../../../lambdas/core/contract/function-times';
import type * as protocolTimes from '../../../lambdas/core/contract/protocol-times';

/** Times that are declared elsewhere, and are part of the rules. */
export interface OtherTimes {
  readonly RETRY_AFTER_S: number;
  readonly LOCAL_AUDIT_MS: number;
  readonly LOCAL_REQUEST_MS: number;
  readonly DATA_LOOK_MS: number;
  readonly DATA_OLDEST_LOOK_MS: number;
  readonly DATA_ABSENCE_MS: number;
  readonly PROVIDERS_FRESH_MS: number;
  readonly MIN_WINDOW_DAYS: number;
}

export interface Limits {
  readonly API_LIMITS: ClientLimits;
  readonly OPERATIONS_LIMITS: ClientLimits;
  readonly API_PROOF_LIMITS: ClientLimits;
  readonly WORKER_PROOF_LIMITS: ClientLimits;
}

export type Times = Limits & typeof protocolTimes & typeof functionTimes & OtherTimes;

/** The rule, and the consequence of its violation; `least` is at most `most`. */
export type Inequality = readonly [rule: string, least: number, most: number];

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** As configured by default. */
const REGIONS = 3;
/** An estimate for a function's first start, and the way there and back. */
const COLD_START_MS = 2 * SECOND_MS;
/** Lambda's longest timeout (Lambda quotas). */
const LAMBDA_LONGEST_MS = 15 * MINUTE_MS;
/** Lambda's longest batching window of a stream (API_CreateEventSourceMapping, MaximumBatchingWindowInSeconds). */
const LONGEST_WINDOW_MS = 5 * MINUTE_MS;
/** How long DynamoDB keeps a stream's records ("Change data capture for DynamoDB Streams"). */
const STREAM_MS = 24 * HOUR_MS;
/** Half a night, for somebody who reads the alarm before the records are gone. */
const RESCUE_MS = 4 * HOUR_MS;
/** The reach of DynamoDB's point-in-time recovery ("RecoveryPeriodInDays", API_PointInTimeRecoverySpecification). */
const RECOVERY_MS = 35 * DAY_MS;
/** The longest that months make of 30, 60 and 90 days. */
const LONGEST_MONTHS_OVER_DAYS = 2;
const WORKING_DAY_MS = 8 * HOUR_MS;

/** Every inequality between the times of the protocols, by the consequence of its violation. */
export const inequalitiesOf = (t: Times): readonly Inequality[] => [
  ...ofKeysets(t),
  ...ofWrites(t),
  ...ofDekRotation(t),
  ...ofKekRotation(t),
  ...ofTheApi(t),
  ...ofTheSweep(t),
  ...ofTheLog(t),
  ...ofBootstrap(t),
  ...ofLocalMode(t),
  ...ofClients(t),
];

function ofKeysets(t: Times): readonly Inequality[] {
  const call = callMs(t.API_LIMITS);
  return [
    [
      'a keyset is read again before it is too old to seal with, though all regions have to be asked: or else a region that does not answer stops sealing',
      t.KEYSET_REFRESH_AFTER_MS + t.KEYSET_REFRESH_JITTER_MS + REGIONS * call,
      t.MAX_SEALING_AGE_MS,
    ],
    [
      'nothing is sealed with a version that may be retired: a token made at the last moment, with a keyset read before the promotion was to be seen, would be refused at once',
      t.VISIBLE_MS + t.MAX_SEALING_AGE_MS + t.API_FUNCTION_MS,
      t.SETTLE_MS,
    ],
    [
      'whoever comes again when told to has keysets asked for anew: or else the same failure of the past is answered',
      t.KEYSET_RETRY_AFTER_MS,
      t.RETRY_AFTER_S * SECOND_MS,
    ],
    [
      'whoever comes again when told to has the KEK asked for anew: or else the same failure of the past is answered',
      t.KEK_RETRY_AFTER_MS,
      t.RETRY_AFTER_S * SECOND_MS,
    ],
    [
      'whoever comes again twice when told to has home asked anew for an unknown version: or else its silence of the past is answered',
      t.HOME_ANSWER_HOLDS_MS,
      2 * t.RETRY_AFTER_S * SECOND_MS,
    ],
    [
      'no number is denied by an answer from before it was published: a token of the version after the next one comes later than that',
      t.HOME_ANSWER_HOLDS_MS,
      t.PUBLISH_MS,
    ],
    [
      'made-up numbers cost home five reads a second at most: or else whoever has one token slows all others down',
      SECOND_MS / t.LOOK_INTERVAL_MS,
      5,
    ],
    ['a keyset is not kept for longer than the KEK that it needs', t.KEYSET_MAX_STALE_MS, t.KEK_MAX_STALE_MS],
  ];
}

function ofWrites(t: Times): readonly Inequality[] {
  const call = callMs(t.OPERATIONS_LIMITS);
  return [
    [
      'the attempts to write a keyset end within the time that is reckoned for them: or else it is not to be seen when others count on it',
      call,
      t.KEYSET_WRITE_MS,
    ],
    [
      'a change is carried out though its intent takes all its attempts: or else a slow audit log turns every change of a keyset into a conflict',
      call,
      t.DECISION_MAX_AGE_MS,
    ],
    [
      'a decision of a keyset writer is visible before a pending version counts its time, and so before that version is promoted',
      t.DECISION_MAX_AGE_MS + call,
      t.PUBLISH_MS - t.MAX_SEALING_AGE_MS,
    ],
    [
      'a change of a keyset is made or dropped, and that is known, before the time of its function is up: it is not carried out by a function that is frozen and goes on later',
      t.DECISION_MAX_AGE_MS + conditionalWriteMs(t.API_LIMITS) + callMs(t.API_LIMITS),
      t.API_FUNCTION_MS,
    ],
    [
      'the attempts to write a credential end within the time that is reckoned for them, lost answers included: or else one lands under the old version after a shard was verified',
      conditionalWriteMs(t.OPERATIONS_LIMITS),
      t.CREDENTIAL_WRITE_MS,
    ],
    [
      'a promotion whose answers were all lost is visible in time for what callers store: or else one lands under the old version after a shard was verified',
      t.DECISION_MAX_AGE_MS +
        conditionalWriteMs(t.OPERATIONS_LIMITS) +
        t.SEALED_MAX_AGE_MS +
        conditionalWriteMs(t.API_LIMITS),
      t.SETTLE_MS,
    ],
    [
      'where a promotion and a re-encryption of the rotation before are both applied by the very last attempt, five seconds are missing: the sweep moves such a straggler, and no more can be',
      t.DECISION_MAX_AGE_MS + t.SEALED_MAX_AGE_MS + 2 * conditionalWriteMs(t.OPERATIONS_LIMITS),
      t.SETTLE_MS + 5 * SECOND_MS,
    ],
    [
      'what was sealed before a promotion was to be seen is written before a shard counts as verified',
      t.VISIBLE_MS + t.SEALED_MAX_AGE_MS + conditionalWriteMs(t.OPERATIONS_LIMITS),
      t.SETTLE_MS,
    ],
    [
      'a credential is stored under the primary of the last minute, as a token is: or else it is written under a version that nobody seals with any more',
      t.SEALED_MAX_AGE_MS,
      t.MAX_SEALING_AGE_MS,
    ],
    [
      'what a call of the API has sealed is not too old to be written while the call lasts: or else it is sealed anew for nothing',
      t.API_FUNCTION_MS,
      t.SEALED_MAX_AGE_MS,
    ],
  ];
}

function ofDekRotation(t: Times): readonly Inequality[] {
  const call = callMs(t.OPERATIONS_LIMITS);
  const proof = callMs(t.WORKER_PROOF_LIMITS);
  return [
    [
      'every process has read a pending version before it is promoted, though clocks differ by two seconds: or else tokens under it are unknown where home is silent',
      t.VISIBLE_MS + t.MAX_SEALING_AGE_MS + 2 * SECOND_MS,
      t.PUBLISH_MS,
    ],
    [
      'SQS takes every delay: or else the message is refused, and the rotation waits for the sweep (API_SendMessage, DelaySeconds)',
      t.LONGEST_DELAY_S,
      900,
    ],
    ['the message that promotes can wait for its time in SQS', t.PUBLISH_MS / SECOND_MS + 1, t.LONGEST_DELAY_S],
    ['the message that verifies can wait for its time in SQS', t.SETTLE_MS / SECOND_MS, t.LONGEST_DELAY_S],
    [
      'a shard that waits for its next pass, and is then read for a whole run, is not taken for stuck: or else it is worked on twice',
      t.LONGEST_DELAY_S * SECOND_MS + t.DEK_ROTATION_WORKER_MS,
      t.SHARD_STUCK_MS,
    ],
    [
      'messages look after a rotation until the sweep has come: or else nobody does',
      t.SWEEP_INTERVAL_MS,
      t.ADVANCE_PATIENCE_MS,
    ],
    [
      'no rotation is an alarm that only takes its time: it is published, and every region is asked with all attempts',
      t.PUBLISH_MS + proof,
      t.UNPROVED_ALARM_MS,
    ],
    [
      'a region that gives no proof is an alarm while messages still look: or else the sweep alone would raise it',
      t.UNPROVED_ALARM_MS + t.LONGEST_DELAY_S * SECOND_MS,
      t.ADVANCE_PATIENCE_MS,
    ],
    [
      'a page that was written is closed in the audit log, saved as done, and the next message sent, before the time of the worker is up: or else it is moved again half an hour later',
      call + (conditionalWriteMs(t.OPERATIONS_LIMITS) + call) + call,
      t.WORKER_RESERVE_MS,
    ],
    [
      'most of the time of a worker is for pages: or else each run does little but start and end',
      4 * t.WORKER_RESERVE_MS,
      t.DEK_ROTATION_WORKER_MS,
    ],
    [
      'a worker that finds a region silent, before and after the promotion, has time left to go on',
      2 * proof + t.WORKER_RESERVE_MS,
      t.DEK_ROTATION_WORKER_MS,
    ],
    [
      'a message is out of sight for six runs of its function, as Lambda asks: or else it is handed out while it is served',
      6,
      t.VISIBILITY_PER_TIMEOUT,
    ],
    [
      'a message of a rotation comes at least three times before it is dead',
      3 * t.VISIBILITY_PER_TIMEOUT * t.DEK_ROTATION_WORKER_MS,
      t.DEK_ROTATION_PATIENCE_MS,
    ],
    [
      'a region that needs all its attempts, and a start, to prove a version is still heard',
      COLD_START_MS + call + 2 * t.KEK_REGION_TIMEOUT_MS,
      t.WORKER_PROOF_LIMITS.requestTimeoutMs,
    ],
    [
      'the function that proves a version runs for as long as somebody waits for it',
      t.WORKER_PROOF_LIMITS.requestTimeoutMs,
      t.API_FUNCTION_MS,
    ],
    [
      'an emergency is promoted within its call, though a region is silent: or else the leaked version goes on sealing until the message comes',
      callMs(t.API_PROOF_LIMITS) + 3 * callMs(t.API_LIMITS) + conditionalWriteMs(t.API_LIMITS),
      t.API_FUNCTION_MS,
    ],
  ];
}

function ofKekRotation(t: Times): readonly Inequality[] {
  const call = callMs(t.OPERATIONS_LIMITS);
  return [
    [
      'everything that may be restored finds its version: or else a version is destroyed that a restored credential needs',
      RECOVERY_MS,
      t.RESTORABLE_MS,
    ],
    [
      'a process that no region answers has forgotten the keyset that it holds before a version in it is destroyed: or else it opens what others say is gone',
      t.KEYSET_MAX_STALE_MS,
      t.MIN_WINDOW_DAYS * DAY_MS,
    ],
    [
      'a KEK outlasts every backup that names it, and what a process may still hold without being told: or else a restored keyset opens nothing',
      t.RESTORABLE_MS + t.KEYSET_MAX_STALE_MS + t.KEK_MAX_STALE_MS,
      t.KEK_RETENTION_MS,
    ],
    [
      'long months, and a day in which the schedule tries again, are no missed rotation of the KEK: or else the sweep asks for a second one',
      LONGEST_MONTHS_OVER_DAYS + t.KEK_SCHEDULE_RETRY_MS / DAY_MS,
      t.KEK_MISSED_DAYS,
    ],
    [
      'the sweep has asked for a missed rotation of the KEK a day before somebody is called',
      t.KEK_MISSED_DAYS + 1,
      t.KEK_ALARM_DAYS,
    ],
    [
      'a step of the KEK rotation that was denied something for a minute has time for all its calls: or else it is cut off and never says why',
      t.ROTATE_KEK_ROLE_SPREADS_MS + 5 * SECOND_MS + 5 * call,
      t.ROTATE_KEK_MS,
    ],
    [
      'each run of rewrap-deks gets one keyset done at least: KEK and rows of all regions, then read, record the intent, write and settle',
      2 * REGIONS * call + 2 * call + conditionalWriteMs(t.OPERATIONS_LIMITS) + call,
      t.REWRAP_DEKS_MS,
    ],
    [
      'whoever is called because a replica lags, after an hour, has a working day until the message to rewrap is dead',
      HOUR_MS + WORKING_DAY_MS,
      t.REWRAP_PATIENCE_MS,
    ],
  ];
}

function ofTheApi(t: Times): readonly Inequality[] {
  const call = callMs(t.API_LIMITS);
  return [
    [
      'the function answers before the gateway gives up: or else callers get an answer that says nothing',
      t.API_FUNCTION_MS,
      t.GATEWAY_MS,
    ],
    [
      'the CLI waits for what the gateway says, five seconds for the way included: or else it does not know what came of a call that was carried out',
      t.GATEWAY_MS + 5 * SECOND_MS,
      t.CLI_TIMEOUT_MS,
    ],
    [
      'a request is answered though two regions are silent: its keyset, the KEK, a newer KEK, and the audit event',
      REGIONS * call + 2 * REGIONS * t.KEK_REGION_TIMEOUT_MS + call,
      t.API_FUNCTION_MS,
    ],
    [
      'the same of a batch whose events are throttled for as long as they are sent again, the last attempt included',
      REGIONS * call + 2 * REGIONS * t.KEK_REGION_TIMEOUT_MS + t.AUDIT_RETRY_MS + call,
      t.API_FUNCTION_MS,
    ],
    [
      'whoever asks for the next version is answered: a look that began too early, the pause, a look of its own, and the audit event',
      2 * REGIONS * call + t.LOOK_INTERVAL_MS + call,
      t.API_FUNCTION_MS,
    ],
    [
      'a dry run is answered: the keyset, what it counts, the page that it is at when its time is up, and the audit event',
      call + t.DRY_RUN_BUDGET_MS + 2 * call,
      t.API_FUNCTION_MS,
    ],
    [
      'a search for callers of a version is answered: the keyset, what it searches, and the page that it is at when its time is up',
      call + t.CALLERS_BUDGET_MS + t.AUDIT_QUERY_BUDGET_MS + call,
      t.API_FUNCTION_MS,
    ],
    [
      'a page of the audit log is answered: whose keysets are stored, what it reads, and the reads that are under way when its time is up',
      call + t.AUDIT_QUERY_BUDGET_MS + call,
      t.API_FUNCTION_MS,
    ],
  ];
}

/** Of an asynchronous event. */
const LONGEST_ASYNC_MS = 6 * HOUR_MS;

function ofTheLog(t: Times): readonly Inequality[] {
  return [
    ['Lambda gathers events for so long', t.ARCHIVE_WINDOW_MS, LONGEST_WINDOW_MS],
    ['a batch is archived while the next one is gathered', t.ARCHIVE_EVENTS_MS, t.ARCHIVE_WINDOW_MS],
    ['a batch is given up before the stream loses it', t.ARCHIVE_PATIENCE_MS + RESCUE_MS, STREAM_MS],
    [
      'a page of the reconciliation that has begun ends, and what is left is sent, before the time of the function is up',
      t.WORKER_RESERVE_MS,
      t.ARCHIVE_EVENTS_MS,
    ],
    [
      'a message of the reconciliation is given up before the next day sends it again',
      t.RECONCILIATION_PATIENCE_MS + t.VISIBILITY_PER_TIMEOUT * t.ARCHIVE_EVENTS_MS,
      DAY_MS,
    ],
    [
      'a reconciliation that begins late begins an hour before the next one',
      t.RECONCILIATION_RETRY_MS + HOUR_MS,
      DAY_MS,
    ],
    ['Lambda lets the publisher run for so long (Lambda quotas)', t.PUBLISH_CHECKPOINT_MS, LAMBDA_LONGEST_MS],
    ['each hour has a cosignature', t.PUBLISH_INTERVAL_MS, HOUR_MS],
    ['a publication that begins late begins before the next one', t.PUBLISH_RETRY_MS, t.PUBLISH_INTERVAL_MS],
    [
      'a delivery of the access log has time to fail: or else Lambda stops it before it has said so',
      t.AUDIT_RETRY_MS + callMs(t.OPERATIONS_LIMITS),
      t.RECORD_REFUSALS_MS,
    ],
    [
      'Lambda tries a delivery for so long (Lambda Developer Guide, "Configuring error handling settings for asynchronous invocations")',
      t.RECORD_REFUSALS_PATIENCE_MS,
      LONGEST_ASYNC_MS,
    ],
    [
      'a refusal that only waits for Lambda is archived within the day after which it is backdated',
      t.RECORD_REFUSALS_PATIENCE_MS + t.RECORD_REFUSALS_MS + t.ARCHIVE_WINDOW_MS,
      DAY_MS,
    ],
  ];
}

function ofTheSweep(t: Times): readonly Inequality[] {
  const longest = Math.max(t.API_FUNCTION_MS, t.DEK_ROTATION_WORKER_MS, t.SWEEP_MS, t.BOOTSTRAP_MS, t.ROTATE_KEK_MS);
  const slowWindows = Math.floor(t.INTENT_BUDGET_MS / t.INTENT_QUICK_MS);
  return [
    ['Lambda lets the sweep run for so long (Lambda quotas)', t.SWEEP_MS, LAMBDA_LONGEST_MS],
    ['a round that begins late begins before the next one', t.SWEEP_RETRY_MS, t.SWEEP_INTERVAL_MS],
    [
      'a round that begins late leaves no gap in what alarms see',
      t.SWEEP_INTERVAL_MS + t.SWEEP_RETRY_MS,
      t.SEEN_HOURLY_MS,
    ],
    [
      'an intent is not closed for a change that is under way: every function that may make it has ended',
      longest,
      t.INTENT_SETTLED_MS,
    ],
    [
      'an intent that reaches home late is looked for by two rounds more: or else it stays open for good',
      2 * t.SWEEP_INTERVAL_MS,
      t.INTENT_OVERLAP_MS,
    ],
    [
      'an ordinary round, of an hour and what is looked at again, is two windows, the second twice as long',
      t.INTENT_OVERLAP_MS + t.SWEEP_INTERVAL_MS,
      3 * t.INTENT_FIRST_WINDOW_MS,
    ],
    [
      'windows that are just not quick take a round beyond what it looks at again: or else the mark stands still for good',
      t.INTENT_OVERLAP_MS + t.SWEEP_INTERVAL_MS,
      slowWindows * t.INTENT_SHORTEST_WINDOW_MS,
    ],
    [
      'closing intents leaves the sweep most of its time: or else rotations do not go on',
      4 * t.INTENT_BUDGET_MS,
      t.SWEEP_MS,
    ],
  ];
}

function ofBootstrap(t: Times): readonly Inequality[] {
  const call = callMs(t.OPERATIONS_LIMITS);
  return [
    ['Lambda lets bootstrap run for so long (Lambda quotas)', t.BOOTSTRAP_MS, LAMBDA_LONGEST_MS],
    [
      'bootstrap says what is wrong before its time is up: or else CloudFormation waits in vain and tells nothing',
      t.BOOTSTRAP_WAIT_MS + 4 * call,
      t.BOOTSTRAP_MS,
    ],
    [
      'CloudFormation waits for what bootstrap says, and for the function between them',
      t.BOOTSTRAP_MS + MINUTE_MS,
      t.BOOTSTRAP_SERVICE_MS,
    ],
    [
      'a first KEK that comes late leaves time for keysets, three times with a pause, and for regions',
      t.FIRST_KEK_WAIT_MS + 3 * (2 * SECOND_MS + 3 * call) + t.KNOWN_REGION_WAIT_MS,
      t.BOOTSTRAP_WAIT_MS,
    ],
    [
      'bootstrap is as patient with a fresh role as a step of the rotation that it waits for, and that is started twice',
      2 * t.ROTATE_KEK_ROLE_SPREADS_MS,
      t.BOOTSTRAP_ROLE_SPREADS_MS,
    ],
    [
      'whoever deploys is told of a refusal in half the time that a first KEK may take',
      2 * t.BOOTSTRAP_ROLE_SPREADS_MS,
      t.FIRST_KEK_WAIT_MS,
    ],
  ];
}

function ofLocalMode(t: Times): readonly Inequality[] {
  return [
    ['the CLI waits for local mode to say that the audit log is away', t.LOCAL_AUDIT_MS, t.CLI_TIMEOUT_MS],
    ['the CLI waits for local mode to say that the database is away', t.LOCAL_REQUEST_MS, t.CLI_TIMEOUT_MS],
    ['the data directory is looked at four times a minute', 4 * t.DATA_LOOK_MS, MINUTE_MS],
    [
      'what changes in the data directory stops sealing within a minute, though timers stood still',
      t.DATA_OLDEST_LOOK_MS + t.DATA_LOOK_MS,
      MINUTE_MS,
    ],
    [
      'one look that comes late stops nothing: or else every pause of the machine does',
      2 * t.DATA_LOOK_MS,
      t.DATA_OLDEST_LOOK_MS,
    ],
    ['what is missing is written back after a minute', t.DATA_ABSENCE_MS, MINUTE_MS],
    [
      'what is missing is not written back before four looks: somebody may be about to put it back',
      4 * t.DATA_LOOK_MS,
      t.DATA_ABSENCE_MS,
    ],
    [
      'the KEK is switched to another home when no step that began before its move can run any more',
      Math.max(t.ROTATE_KEK_MS, t.REWRAP_DEKS_MS, t.BOOTSTRAP_MS, t.SWEEP_MS),
      t.KEK_STEP_MS,
    ],
    [
      'in local mode, too: its event and its write have ended by then',
      t.LOCAL_AUDIT_MS + 2 * t.LOCAL_REQUEST_MS,
      t.LOCAL_KEK_STEP_MS,
    ],
    [
      'events of a provider that came or went are listed within a minute of its deployment',
      t.PROVIDERS_FRESH_MS,
      MINUTE_MS,
    ],
  ];
}

function ofClients({
  API_LIMITS,
  OPERATIONS_LIMITS,
  API_PROOF_LIMITS,
  WORKER_PROOF_LIMITS,
}: Times): readonly Inequality[] {
  const all = { API_LIMITS, OPERATIONS_LIMITS, API_PROOF_LIMITS, WORKER_PROOF_LIMITS };
  return Object.entries(all).map(([name, limits]) => [
    `a host that is not there is known, after all attempts, as early as one that is silent after its first (${name})`,
    limits.maxAttempts * limits.connectionTimeoutMs,
    limits.requestTimeoutMs,
  ]);
}
