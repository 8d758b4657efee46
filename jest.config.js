const { availableParallelism } = require('node:os');

// The SDK's notice that it will want Node 22 in 2027 would be printed by every worker.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

// Types are tsc's job (npm run check); swc only strips them, so that a run stays fast.
const transform = { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] };
const project = (displayName, extra = {}) => ({
  displayName,
  rootDir: __dirname,
  testEnvironment: 'node',
  runtime: '<rootDir>/test/tiers/coverage-runtime.cjs',
  // The translations of zod's messages, which nothing uses and no bundle has: each test file would load them all.
  moduleNameMapper: { '^\\.\\./locales/index\\.cjs$': '<rootDir>/test/tiers/no-translations.cjs' },
  transform,
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
  ...extra,
});

module.exports = {
  projects: [
    project('unit', { setupFilesAfterEnv: ['<rootDir>/test/unit/forbid-network.ts'] }),
    project('contract'),
    project('integration', { globalSetup: '<rootDir>/test/integration/bundles/make-shared-bundles.ts' }),
    project('infra', { globalSetup: '<rootDir>/test/infra/write-standard.ts' }),
    project('simulation', { setupFilesAfterEnv: ['<rootDir>/test/unit/forbid-network.ts'] }),
    project('vectors', { setupFilesAfterEnv: ['<rootDir>/test/unit/forbid-network.ts'] }),
  ],
  // A test waits by `until` (test/until.ts), which says for what; this only ends what hangs otherwise, on the busiest machine, too.
  testTimeout: 1_200_000,
  // Many tests wait for processes of their own and for clocks; as many workers as cores would leave cores idle meanwhile.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // What a test file has loaded is not freed in its worker, and coverage is taken of all that is there: each file would take longer
  // than the one before it.
  workerIdleMemoryLimit: '250MB',
  // Files of types alone are never loaded and would count as not covered; bin and the worker run in processes of their own.
  collectCoverageFrom: [
    'lambdas/**/*.ts',
    'local/**/*.ts',
    'cli/**/*.ts',
    '!**/*.d.ts',
    '!lambdas/core/**/ports/*.ts',
    '!lambdas/core/http/operation.ts',
    '!lambdas/core/errors/failure-reason.ts',
    '!lambdas/core/transparency/log-fault.ts',
    '!local/database/embedded-dynamodb-worker.ts',
    '!local/journal/journal-thread.ts',
    '!local/log/log-thread.ts',
    '!local/threads/answer-questions.ts',
  ],
  reporters: ['default', '<rootDir>/test/tiers/tell-skipped.cjs'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  coverageThreshold: {
    global: { branches: 90, functions: 90, lines: 90, statements: 90 },
    './lambdas/core/audit/': { branches: 100 },
    './lambdas/core/credentials/': { branches: 100 },
    './lambdas/core/crypto/': { branches: 100 },
    './lambdas/core/dek-rotation/': { branches: 100 },
    './lambdas/core/errors/': { branches: 100 },
    './lambdas/core/health/': { branches: 100 },
    './lambdas/core/kek-rotation/': { branches: 100 },
    './lambdas/core/keysets/': { branches: 100 },
    './lambdas/core/refusals/': { branches: 100 },
    './lambdas/core/tokens/': { branches: 100 },
    './lambdas/core/transparency/': { branches: 100 },
  },
};
