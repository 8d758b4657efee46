import type { PlantedMistake } from './planted-mistake';

const EXACT = ['test/unit/dek-rotation/times.test.ts'];
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

const TIMES: readonly Time[] = [
  [`${core}/keysets/keyset-directory.ts`, 'REFRESH_AFTER_MS = 40_000', ['20_000', '59_000'], CACHES],
  [`${core}/keysets/keyset-directory.ts`, 'REFRESH_JITTER_MS = 10_000', ['0', '30_000'], CACHES],
  [`${core}/keysets/keyset-directory.ts`, 'MAX_SEALING_AGE_MS = 60_000', ['30_000', '90_000'], CACHES],
  [
    `${core}/keysets/keyset-directory.ts`,
    'MAX_STALE_MS = 24 * 3_600_000',
    ['12 * 3_600_000', '48 * 3_600_000'],
    CACHES,
  ],
  [`${core}/keysets/keyset-directory.ts`, 'RETRY_AFTER_MS = 1000', ['500', '2000'], CACHES],
  [`${core}/keysets/unknown-versions.ts`, 'ANSWER_HOLDS_MS = 2_000', ['1_000', '4_000'], CACHES],
  [`${core}/keysets/unknown-versions.ts`, 'LOOK_INTERVAL_MS = 200', ['100', '400'], CACHES],
  [`${core}/keysets/dek-cache.ts`, 'DEK_TTL_MS = 30 * 60_000', ['15 * 60_000', '60 * 60_000'], CACHES],
  [
    `${core}/audit/audit-trail.ts`,
    'FAILURE_SHOWN_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/runtime/operations.test.ts'],
  ],
  [`${core}/credentials/change-credential.ts`, 'SEALED_MAX_AGE_MS = 60_000', ['30_000', '120_000'], EXACT],
  [`${core}/keysets/keyset-writer.ts`, 'DECISION_MAX_AGE_MS = 10_000', ['5_000', '20_000'], EXACT],
  [`${core}/dek-rotation/advance-rotation.ts`, 'PATIENCE_MS = 3_600_000', ['1_800_000', '7_200_000'], EXACT],
  [`${core}/dek-rotation/advance-rotation.ts`, 'UNPROVED_ALARM_MS = 600_000', ['300_000', '1_200_000'], EXACT],
  [`${core}/dek-rotation/advance-rotation.ts`, 'SHARD_STUCK_MS = 20 * 60_000', ['10 * 60_000', '40 * 60_000'], EXACT],
  [`${core}/dek-rotation/advance-rotation.ts`, 'SHORTEST_WAIT_S = 10', ['1', '20'], EXACT],
  [`${core}/dek-rotation/advance-rotation.ts`, 'LONGEST_WAIT_S = 900', ['450'], EXACT],
  [`${core}/dek-rotation/rekey-shard.ts`, 'LONGEST_PAUSE_S = 900', ['450', '901'], ROTATION],
  [
    `${core}/dek-rotation/start-rotation.ts`,
    'REMEMBERED_MS = 24 * 3_600_000',
    ['12 * 3_600_000', '48 * 3_600_000'],
    EXACT,
  ],
  [`${core}/audit/close-intents.ts`, 'SETTLED_AFTER_MS = 15 * 60_000', ['7 * 60_000', '30 * 60_000'], EXACT],
  [`${core}/audit/close-intents.ts`, 'OVERLAP_MS = 2 * 3_600_000', ['3_600_000', '4 * 3_600_000'], EXACT],
  [`${core}/audit/close-intents.ts`, 'FIRST_WINDOW_MS = 3_600_000', ['1_800_000', '7_200_000'], EXACT],
  [`${core}/audit/close-intents.ts`, 'SHORTEST_WINDOW_MS = 15 * 60_000', ['60_000'], EXACT],
  [
    `${core}/audit/close-intents.ts`,
    'LONGEST_WINDOW_MS = 7 * 24 * 3_600_000',
    ['3 * 24 * 3_600_000', '14 * 24 * 3_600_000'],
    EXACT,
  ],
  [`${core}/audit/close-intents.ts`, 'QUICK_MS = 5_000', ['2_500', '10_000'], EXACT],
  [`${core}/audit/close-intents.ts`, 'BUDGET_MS = 180_000', ['90_000', '360_000'], EXACT],
  [`${core}/dek-rotation/census.ts`, 'BUDGET_MS = 8_000', ['4_000', '16_000'], ROTATION],
  [`${core}/audit/version-callers.ts`, 'BUDGET_MS = 10_000', ['5_000', '20_000'], EXACT],
  [`${core}/dek-rotation/sweep.ts`, 'KEK_MARGIN_DAYS = 5', ['4', '6'], EXACT],
  [
    `${core}/dek-rotation/version-destruction.ts`,
    'MIN_WINDOW_DAYS = 7',
    ['6', '8'],
    [...ROTATION, 'test/unit/http/rotations.test.ts'],
  ],
  [
    `${core}/dek-rotation/version-destruction.ts`,
    'MAX_WINDOW_DAYS = 30',
    ['29', '31'],
    [...ROTATION, 'test/unit/http/rotations.test.ts'],
  ],
  [
    `${core}/kek-rotation/first-kek.ts`,
    'LONGEST_WAIT_MS = 600_000',
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
    `${core}/kek-rotation/first-kek.ts`,
    'ROLE_SPREADS_MS = 120_000',
    ['60_000', '240_000'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [
    `${core}/kek-rotation/bootstrap.ts`,
    'LONGEST_WAIT_MS = 13 * 60_000',
    ['10 * 60_000', '15 * 60_000'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [
    `${core}/kek-rotation/bootstrap.ts`,
    'KNOWN_REGION_WAIT_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [
    `${core}/kek-rotation/bootstrap.ts`,
    'ROLLBACK_WITHIN_MS = 3 * 3_600_000',
    ['3_600_000', '6 * 3_600_000'],
    ['test/unit/kek-rotation/bootstrap.test.ts'],
  ],
  [`${core}/kek-rotation/rotate-kek.ts`, 'ROLE_SPREADS_MS = 60_000', ['30_000', '120_000'], KEK_ROTATION],
  [`${core}/dek-rotation/dek-rotation.ts`, 'VISIBLE_MS = 20_000', ['10_000', '0'], EXACT],
  [
    `${core}/dek-rotation/dek-rotation.ts`,
    'PUBLISH_MS = 62_000 + VISIBLE_MS',
    ['60_000 + VISIBLE_MS', '62_000'],
    EXACT,
  ],
  [
    `${core}/dek-rotation/dek-rotation.ts`,
    'SETTLE_MS = VISIBLE_MS + 60_000 + 40_000',
    ['60_000 + 40_000', 'VISIBLE_MS + 60_000'],
    EXACT,
  ],
  [`${core}/dek-rotation/dek-rotation.ts`, 'RESTORABLE_MS = 35 * DAY_MS', ['34 * DAY_MS', '36 * DAY_MS'], ROTATION],
  [`${core}/keysets/dek-keyset.ts`, 'DEFAULT_INTERVAL_DAYS = 90', ['60'], ['test/unit/keysets/']],
  [
    `${core}/keysets/dek-keyset.ts`,
    'DEFAULT_GRACE_PERIOD_DAYS = 7',
    ['6'],
    ['test/unit/keysets/', 'test/unit/runtime/'],
  ],
  [
    `${core}/kek-rotation/next-kek-secret.ts`,
    'KEK_RETENTION_MS = 40 * 86_400_000',
    ['39 * 86_400_000', '41 * 86_400_000'],
    ['test/unit/kek-rotation/next-kek-secret.test.ts', ...KEK_ROTATION],
  ],
  [
    'lambdas/core/http/audit-paging.ts',
    'DEFAULT_PERIOD_MS = 7 * 86_400_000',
    ['6 * 86_400_000', '8 * 86_400_000'],
    ['test/unit/http/audit.test.ts'],
  ],
  ['lambdas/core/runtime/environment.ts', 'DEFAULT_KEK_ROTATION_INTERVAL_DAYS = 90', ['60'], ['test/unit/runtime/']],
  [`${adapters}/local/kek-file.ts`, 'REREAD_AFTER_MS = 60_000', ['30_000', '120_000'], CACHES],
  [`${adapters}/local/kek-file.ts`, 'STALE_LIMIT_MS = 86_400_000', ['43_200_000', '172_800_000'], CACHES],
  [
    `${adapters}/system/once-a-minute-failure-log.ts`,
    'MINUTE_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/adapters/once-a-minute-failure-log.test.ts'],
  ],
  [
    `${adapters}/aws/secrets-manager/secrets-manager-secrets-provider.ts`,
    'refreshAfterMs: 5 * 60_000',
    ['150_000', '600_000'],
    CACHES,
  ],
  [
    `${adapters}/aws/secrets-manager/secrets-manager-secrets-provider.ts`,
    'staleCapMs: 24 * 3_600_000',
    ['12 * 3_600_000', '48 * 3_600_000'],
    CACHES,
  ],
  [
    `${adapters}/aws/secrets-manager/secrets-manager-secrets-provider.ts`,
    '      retryAfterMs: 1_000',
    ['500', '2_000'],
    CACHES,
  ],
  [
    `${adapters}/aws/secrets-manager/secrets-manager-secrets-provider.ts`,
    'staleRetryAfterMs: 15_000',
    ['7_000', '30_000'],
    CACHES,
  ],
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
