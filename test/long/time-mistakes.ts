import type { PlantedMistake } from './planted-mistake';

const EXACT = ['test/unit/dek-rotation/times.test.ts'];
/** What each time is longer or shorter than, by name; they notice more than these, and say so themselves. */
const RULES = ['test/unit/contract/protocol-times.test.ts'];
const BOTH = [...EXACT, ...RULES];
const ROTATION = ['test/unit/dek-rotation/'];
const CACHES = ['test/unit/keysets/cache-ages.test.ts'];
const KEK_ROTATION = [
  'test/integration/kek-rotation/rotate-kek-for-good.test.ts',
  'test/integration/kek-rotation/rotate-kek-keys.test.ts',
];

/** A time as it stands in a file, and others in its place; those that are as safe and as quick are not among them. */
type Time = readonly [file: string, right: string, wrong: readonly string[], tests: readonly string[]];

const core = 'lambdas/core';
const adapters = 'lambdas/adapters';
const PROTOCOL = `${core}/contract/protocol-times.ts`;
const FUNCTIONS = `${core}/contract/function-times.ts`;
const LIMITS = `${core}/contract/client-limits.ts`;

const TIMES: readonly Time[] = [
  [PROTOCOL, 'KEYSET_REFRESH_AFTER_MS = 40 * SECOND_MS', ['20 * SECOND_MS', '59 * SECOND_MS'], CACHES],
  [PROTOCOL, 'KEYSET_REFRESH_JITTER_MS = 10 * SECOND_MS', ['0', '30 * SECOND_MS'], CACHES],
  [PROTOCOL, 'MAX_SEALING_AGE_MS = 60 * SECOND_MS', ['30 * SECOND_MS', '90 * SECOND_MS'], CACHES],
  [PROTOCOL, 'KEYSET_MAX_STALE_MS = 24 * HOUR_MS', ['12 * HOUR_MS', '48 * HOUR_MS'], CACHES],
  [PROTOCOL, 'KEYSET_RETRY_AFTER_MS = SECOND_MS', ['500', '2000'], CACHES],
  [PROTOCOL, 'HOME_ANSWER_HOLDS_MS = 2 * SECOND_MS', ['SECOND_MS', '4 * SECOND_MS'], CACHES],
  [PROTOCOL, 'LOOK_INTERVAL_MS = 200', ['100', '400'], CACHES],
  [`${core}/keysets/dek-cache.ts`, 'DEK_TTL_MS = 30 * 60_000', ['15 * 60_000', '60 * 60_000'], CACHES],
  [
    `${core}/audit/audit-trail.ts`,
    'FAILURE_SHOWN_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/runtime/operations.test.ts'],
  ],
  [PROTOCOL, 'SEALED_MAX_AGE_MS = 60 * SECOND_MS', ['30 * SECOND_MS', '120 * SECOND_MS'], EXACT],
  [PROTOCOL, 'DECISION_MAX_AGE_MS = 10 * SECOND_MS', ['5 * SECOND_MS', '20 * SECOND_MS'], EXACT],
  [PROTOCOL, 'ADVANCE_PATIENCE_MS = HOUR_MS', ['1_800_000', '7_200_000'], EXACT],
  [PROTOCOL, 'UNPROVED_ALARM_MS = 10 * MINUTE_MS', ['5 * MINUTE_MS', '20 * MINUTE_MS'], EXACT],
  [PROTOCOL, 'SHARD_STUCK_MS = 20 * MINUTE_MS', ['10 * MINUTE_MS', '40 * MINUTE_MS'], EXACT],
  [`${core}/dek-rotation/advance-dek-rotation.ts`, 'SHORTEST_WAIT_S = 10', ['1', '20'], EXACT],
  [FUNCTIONS, 'LONGEST_DELAY_S = 900', ['450'], EXACT],
  [FUNCTIONS, 'LONGEST_DELAY_S = 900', ['901'], RULES],
  [`${core}/dek-rotation/start-dek-rotation.ts`, 'REMEMBERED_MS = DAY_MS', ['12 * 3_600_000', '48 * 3_600_000'], EXACT],
  [PROTOCOL, 'INTENT_SETTLED_MS = 15 * MINUTE_MS', ['7 * MINUTE_MS', '30 * MINUTE_MS'], EXACT],
  [PROTOCOL, 'INTENT_OVERLAP_MS = 2 * HOUR_MS', ['HOUR_MS', '4 * HOUR_MS'], EXACT],
  [PROTOCOL, 'INTENT_FIRST_WINDOW_MS = HOUR_MS', ['1_800_000', '7_200_000'], EXACT],
  [PROTOCOL, 'INTENT_SHORTEST_WINDOW_MS = 15 * MINUTE_MS', ['MINUTE_MS'], EXACT],
  [
    `${core}/audit/close-intents.ts`,
    'LONGEST_WINDOW_MS = 7 * DAY_MS',
    ['3 * 24 * 3_600_000', '14 * 24 * 3_600_000'],
    EXACT,
  ],
  [PROTOCOL, 'INTENT_QUICK_MS = 5 * SECOND_MS', ['2_500', '10_000'], EXACT],
  [PROTOCOL, 'INTENT_BUDGET_MS = 3 * MINUTE_MS', ['90_000', '360_000'], EXACT],
  [PROTOCOL, 'DRY_RUN_BUDGET_MS = 8 * SECOND_MS', ['4_000', '16_000'], ROTATION],
  [PROTOCOL, 'AUDIT_QUERY_BUDGET_MS = 4 * SECOND_MS', ['2_000', '8_000'], ['test/contract/dynamodb/audit-log.test.ts']],
  [
    PROTOCOL,
    'AUDIT_RETRY_MS = 2.5 * SECOND_MS',
    ['1_500', '4_000'],
    ['test/contract/dynamodb/insert-audit-group.test.ts'],
  ],
  [PROTOCOL, 'CALLERS_BUDGET_MS = 10 * SECOND_MS', ['5_000', '20_000'], EXACT],
  [PROTOCOL, 'KEK_MISSED_DAYS = 5', ['4', '6'], EXACT],
  [
    `${core}/contract/limits.ts`,
    'MIN_WINDOW_DAYS = 7',
    ['6', '8'],
    [...ROTATION, 'test/unit/http/dek-rotations.test.ts'],
  ],
  [
    `${core}/contract/limits.ts`,
    'MAX_WINDOW_DAYS = 30',
    ['29', '31'],
    [...ROTATION, 'test/unit/http/dek-rotations.test.ts'],
  ],
  [
    FUNCTIONS,
    'FIRST_KEK_WAIT_MS = 10 * MINUTE_MS',
    ['300_000', '700_000'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [
    `${core}/kek-rotation/first-kek.ts`,
    'START_EVERY_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [
    FUNCTIONS,
    'BOOTSTRAP_ROLE_SPREADS_MS = 2 * MINUTE_MS',
    ['60_000', '240_000'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [
    FUNCTIONS,
    'BOOTSTRAP_WAIT_MS = 13 * MINUTE_MS',
    ['10 * MINUTE_MS', '15 * MINUTE_MS'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [FUNCTIONS, 'KNOWN_REGION_WAIT_MS = MINUTE_MS', ['30_000', '120_000'], ['test/unit/kek-rotation/bootstrap.test.ts']],
  [
    `${core}/kek-rotation/bootstrap.ts`,
    'ROLLBACK_WITHIN_MS = 3 * HOUR_MS',
    ['3_600_000', '6 * 3_600_000'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [FUNCTIONS, 'ROTATE_KEK_ROLE_SPREADS_MS = MINUTE_MS', ['30_000', '120_000'], KEK_ROTATION],
  [
    PROTOCOL,
    'VISIBLE_MS = DECISION_MAX_AGE_MS + KEYSET_WRITE_MS',
    ['DECISION_MAX_AGE_MS', 'KEYSET_WRITE_MS', '0'],
    EXACT,
  ],
  [
    PROTOCOL,
    'PUBLISH_MS = VISIBLE_MS + MAX_SEALING_AGE_MS + PUBLISH_MARGIN_MS',
    ['MAX_SEALING_AGE_MS + VISIBLE_MS', 'MAX_SEALING_AGE_MS + PUBLISH_MARGIN_MS', 'VISIBLE_MS + PUBLISH_MARGIN_MS'],
    BOTH,
  ],
  [
    PROTOCOL,
    'SETTLE_MS = VISIBLE_MS + SEALED_MAX_AGE_MS + CREDENTIAL_WRITE_MS',
    ['SEALED_MAX_AGE_MS + CREDENTIAL_WRITE_MS', 'VISIBLE_MS + SEALED_MAX_AGE_MS', 'VISIBLE_MS + CREDENTIAL_WRITE_MS'],
    BOTH,
  ],
  [`${core}/contract/limits.ts`, 'RESTORABLE_DAYS = 35', ['34', '36'], ROTATION],
  [`${core}/contract/defaults.ts`, 'DEFAULT_DEK_INTERVAL_DAYS = 90', ['60'], ['test/unit/keysets/']],
  [
    `${core}/contract/defaults.ts`,
    'DEFAULT_GRACE_PERIOD_DAYS = 7',
    ['6'],
    ['test/unit/keysets/', 'test/unit/runtime/'],
  ],
  [
    PROTOCOL,
    'KEK_RETENTION_MS = RESTORABLE_MS + 5 * DAY_MS',
    ['39 * DAY_MS', '41 * DAY_MS'],
    ['test/unit/kek-rotation/next-kek-secret.test.ts', ...KEK_ROTATION],
  ],
  [
    'lambdas/core/audit/operations/audit-paging.ts',
    'DEFAULT_PERIOD_MS = 7 * DAY_MS',
    ['6 * DAY_MS', '8 * DAY_MS'],
    ['test/unit/http/audit.test.ts'],
  ],
  [`${core}/contract/defaults.ts`, 'DEFAULT_KEK_INTERVAL_DAYS = 90', ['60'], ['test/unit/runtime/']],
  [`${adapters}/local/kek-file.ts`, 'REREAD_AFTER_MS = 60_000', ['30_000', '120_000'], CACHES],
  [
    `${adapters}/system/once-a-minute-failure-log.ts`,
    'LOG_AGAIN_MS = MINUTE_MS',
    ['30_000', '120_000'],
    ['test/unit/adapters/once-a-minute-failure-log.test.ts'],
  ],
  ['lambdas/core/keysets/kek-copy.ts', 'refreshAfterMs: 5 * 60_000', ['150_000', '600_000'], CACHES],
  [PROTOCOL, 'KEK_MAX_STALE_MS = 24 * HOUR_MS', ['12 * HOUR_MS', '48 * HOUR_MS'], CACHES],
  [PROTOCOL, 'KEK_RETRY_AFTER_MS = SECOND_MS', ['500', '2_000'], CACHES],
  ['lambdas/core/keysets/kek-copy.ts', 'staleRetryAfterMs: 15_000', ['7_000', '30_000'], CACHES],
  [LIMITS, 'requestTimeoutMs: 3000', ['6000'], RULES],
  [LIMITS, 'requestTimeoutMs: 1000', ['2000'], RULES],
  [LIMITS, 'requestTimeoutMs: 5000', ['10_000'], RULES],
  [LIMITS, 'requestTimeoutMs: 15_000', ['7_500', '30_000'], RULES],
  [LIMITS, 'SDK_PAUSE_MS = 50', ['25', '100'], RULES],
  [LIMITS, 'SDK_THROTTLED_PAUSE_MS = 1000', ['500', '2000'], RULES],
  [FUNCTIONS, 'API_FUNCTION_MS = 20 * SECOND_MS', ['10 * SECOND_MS', '40 * SECOND_MS'], RULES],
  [FUNCTIONS, 'CLI_TIMEOUT_MS = 35 * SECOND_MS', ['20 * SECOND_MS'], RULES],
  [FUNCTIONS, 'WORKER_RESERVE_MS = 60 * SECOND_MS', ['30 * SECOND_MS', '120 * SECOND_MS'], RULES],
  [FUNCTIONS, 'DEK_ROTATION_WORKER_MS = 5 * MINUTE_MS', ['2 * MINUTE_MS', '10 * MINUTE_MS'], RULES],
  [FUNCTIONS, 'SWEEP_MS = 15 * MINUTE_MS', ['30 * MINUTE_MS'], RULES],
  [FUNCTIONS, 'BOOTSTRAP_SERVICE_MS = 16 * MINUTE_MS', ['8 * MINUTE_MS'], RULES],
];

/** Every time of the protocol and of the caches, too short and too long. */
export const TIME_MISTAKES: readonly PlantedMistake[] = TIMES.flatMap(([file, right, wrong, tests]) =>
  wrong.map((value) => ({
    name: `${right.trim()} is ${value}`,
    file,
    right,
    wrong: right.replace(/(?<=[=:] ).*$/, value),
    tests,
  })),
);
