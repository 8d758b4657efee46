import type { PlantedMistake } from './planted-mistake';

const EXACT = ['test/unit/usecases/rotation/times.test.ts'];
const ROTATION = ['test/unit/usecases/rotation/', 'test/unit/domain/dek-rotation.test.ts'];
const CACHES = ['test/unit/usecases/cache-ages.test.ts'];
const KEK_ROTATION = ['test/integration/rotate-kek-for-good.test.ts', 'test/integration/rotate-kek-keys.test.ts'];

/** A time as it stands in a file, and others in its place; those that are as safe and as quick are not among them. */
type Time = readonly [file: string, right: string, wrong: readonly string[], tests: readonly string[]];

const usecases = 'lambdas/core/usecases';
const domain = 'lambdas/core/domain';
const adapters = 'lambdas/adapters';

const TIMES: readonly Time[] = [
  [`${usecases}/keyset-directory.ts`, 'REFRESH_AFTER_MS = 40_000', ['20_000', '59_000'], CACHES],
  [`${usecases}/keyset-directory.ts`, 'REFRESH_JITTER_MS = 10_000', ['0', '30_000'], CACHES],
  [`${usecases}/keyset-directory.ts`, 'MAX_SEALING_AGE_MS = 60_000', ['30_000', '90_000'], CACHES],
  [`${usecases}/keyset-directory.ts`, 'MAX_STALE_MS = 24 * 3_600_000', ['12 * 3_600_000', '48 * 3_600_000'], CACHES],
  [`${usecases}/keyset-directory.ts`, 'RETRY_AFTER_MS = 1000', ['500', '2000'], CACHES],
  [`${usecases}/unknown-versions.ts`, 'ANSWER_HOLDS_MS = 2_000', ['1_000', '4_000'], CACHES],
  [`${usecases}/unknown-versions.ts`, 'LOOK_INTERVAL_MS = 200', ['100', '400'], CACHES],
  [`${usecases}/dek-cache.ts`, 'DEK_TTL_MS = 30 * 60_000', ['15 * 60_000', '60 * 60_000'], CACHES],
  [
    `${usecases}/audit-trail.ts`,
    'FAILURE_SHOWN_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/usecases/operations.test.ts'],
  ],
  [`${usecases}/change-credential.ts`, 'SEALED_MAX_AGE_MS = 60_000', ['30_000', '120_000'], EXACT],
  [`${usecases}/keyset-writer.ts`, 'DECISION_MAX_AGE_MS = 10_000', ['5_000', '20_000'], EXACT],
  [`${usecases}/advance-rotation.ts`, 'PATIENCE_MS = 3_600_000', ['1_800_000', '7_200_000'], EXACT],
  [`${usecases}/advance-rotation.ts`, 'UNPROVED_ALARM_MS = 600_000', ['300_000', '1_200_000'], EXACT],
  [`${usecases}/advance-rotation.ts`, 'SHARD_STUCK_MS = 20 * 60_000', ['10 * 60_000', '40 * 60_000'], EXACT],
  [`${usecases}/advance-rotation.ts`, 'SHORTEST_WAIT_S = 10', ['1', '20'], EXACT],
  [`${usecases}/advance-rotation.ts`, 'LONGEST_WAIT_S = 900', ['450'], EXACT],
  [`${usecases}/rekey-shard.ts`, 'LONGEST_PAUSE_S = 900', ['450', '901'], ROTATION],
  [`${usecases}/start-rotation.ts`, 'REMEMBERED_MS = 24 * 3_600_000', ['12 * 3_600_000', '48 * 3_600_000'], EXACT],
  [`${usecases}/close-intents.ts`, 'SETTLED_AFTER_MS = 15 * 60_000', ['7 * 60_000', '30 * 60_000'], EXACT],
  [`${usecases}/close-intents.ts`, 'OVERLAP_MS = 2 * 3_600_000', ['3_600_000', '4 * 3_600_000'], EXACT],
  [`${usecases}/close-intents.ts`, 'FIRST_WINDOW_MS = 3_600_000', ['1_800_000', '7_200_000'], EXACT],
  [`${usecases}/close-intents.ts`, 'SHORTEST_WINDOW_MS = 15 * 60_000', ['60_000'], EXACT],
  [
    `${usecases}/close-intents.ts`,
    'LONGEST_WINDOW_MS = 7 * 24 * 3_600_000',
    ['3 * 24 * 3_600_000', '14 * 24 * 3_600_000'],
    EXACT,
  ],
  [`${usecases}/close-intents.ts`, 'QUICK_MS = 5_000', ['2_500', '10_000'], EXACT],
  [`${usecases}/close-intents.ts`, 'BUDGET_MS = 180_000', ['90_000', '360_000'], EXACT],
  [`${usecases}/census.ts`, 'BUDGET_MS = 8_000', ['4_000', '16_000'], ROTATION],
  [`${usecases}/version-callers.ts`, 'BUDGET_MS = 10_000', ['5_000', '20_000'], EXACT],
  [`${usecases}/sweep.ts`, 'KEK_MARGIN_DAYS = 5', ['4', '6'], EXACT],
  [
    `${usecases}/version-destruction.ts`,
    'MIN_WINDOW_DAYS = 7',
    ['6', '8'],
    [...ROTATION, 'test/unit/http/rotations.test.ts'],
  ],
  [
    `${usecases}/version-destruction.ts`,
    'MAX_WINDOW_DAYS = 30',
    ['29', '31'],
    [...ROTATION, 'test/unit/http/rotations.test.ts'],
  ],
  [
    `${usecases}/first-kek.ts`,
    'LONGEST_WAIT_MS = 600_000',
    ['300_000', '700_000'],
    ['test/unit/usecases/bootstrap.test.ts'],
  ],
  [
    `${usecases}/first-kek.ts`,
    'START_EVERY_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/usecases/bootstrap.test.ts'],
  ],
  [
    `${usecases}/first-kek.ts`,
    'ROLE_SPREADS_MS = 120_000',
    ['60_000', '240_000'],
    ['test/unit/usecases/bootstrap.test.ts'],
  ],
  [
    `${usecases}/bootstrap.ts`,
    'LONGEST_WAIT_MS = 13 * 60_000',
    ['10 * 60_000', '15 * 60_000'],
    ['test/unit/usecases/bootstrap.test.ts'],
  ],
  [
    `${usecases}/bootstrap.ts`,
    'KNOWN_REGION_WAIT_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/usecases/bootstrap.test.ts'],
  ],
  [
    `${usecases}/bootstrap.ts`,
    'ROLLBACK_WITHIN_MS = 3 * 3_600_000',
    ['3_600_000', '6 * 3_600_000'],
    ['test/unit/usecases/bootstrap.test.ts'],
  ],
  [`${usecases}/rotate-kek.ts`, 'ROLE_SPREADS_MS = 60_000', ['30_000', '120_000'], KEK_ROTATION],
  [`${domain}/dek-rotation.ts`, 'VISIBLE_MS = 20_000', ['10_000', '0'], EXACT],
  [`${domain}/dek-rotation.ts`, 'PUBLISH_MS = 62_000 + VISIBLE_MS', ['60_000 + VISIBLE_MS', '62_000'], EXACT],
  [
    `${domain}/dek-rotation.ts`,
    'SETTLE_MS = VISIBLE_MS + 60_000 + 40_000',
    ['60_000 + 40_000', 'VISIBLE_MS + 60_000'],
    EXACT,
  ],
  [`${domain}/dek-rotation.ts`, 'RESTORABLE_MS = 35 * DAY_MS', ['34 * DAY_MS', '36 * DAY_MS'], ROTATION],
  [`${domain}/dek-keyset.ts`, 'DEFAULT_INTERVAL_DAYS = 90', ['60'], ['test/unit/domain/']],
  [`${domain}/dek-keyset.ts`, 'DEFAULT_GRACE_PERIOD_DAYS = 7', ['6'], ['test/unit/domain/', 'test/unit/core/']],
  [
    `${domain}/next-kek-secret.ts`,
    'KEK_RETENTION_MS = 40 * 86_400_000',
    ['39 * 86_400_000', '41 * 86_400_000'],
    ['test/unit/domain/next-kek-secret.test.ts', ...KEK_ROTATION],
  ],
  [
    'lambdas/core/http/audit-paging.ts',
    'DEFAULT_PERIOD_MS = 7 * 86_400_000',
    ['6 * 86_400_000', '8 * 86_400_000'],
    ['test/unit/http/audit.test.ts'],
  ],
  ['lambdas/core/environment.ts', 'DEFAULT_KEK_ROTATION_INTERVAL_DAYS = 90', ['60'], ['test/unit/core/']],
  [`${adapters}/local/kek-file.ts`, 'REREAD_AFTER_MS = 60_000', ['30_000', '120_000'], CACHES],
  [`${adapters}/local/kek-file.ts`, 'STALE_LIMIT_MS = 86_400_000', ['43_200_000', '172_800_000'], CACHES],
  [
    `${adapters}/system/once-a-minute-failure-log.ts`,
    'MINUTE_MS = 60_000',
    ['30_000', '120_000'],
    ['test/unit/adapters/once-a-minute-failure-log.test.ts'],
  ],
  [`${adapters}/aws/secrets-manager-secrets-provider.ts`, 'refreshAfterMs: 5 * 60_000', ['150_000', '600_000'], CACHES],
  [
    `${adapters}/aws/secrets-manager-secrets-provider.ts`,
    'staleCapMs: 24 * 3_600_000',
    ['12 * 3_600_000', '48 * 3_600_000'],
    CACHES,
  ],
  [`${adapters}/aws/secrets-manager-secrets-provider.ts`, '      retryAfterMs: 1_000', ['500', '2_000'], CACHES],
  [`${adapters}/aws/secrets-manager-secrets-provider.ts`, 'staleRetryAfterMs: 15_000', ['7_000', '30_000'], CACHES],
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
