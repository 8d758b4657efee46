// Types are tsc's job (npm run check); swc only strips them, so that a run stays fast.
const transform = { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] };
const project = (displayName, extra = {}) => ({
  displayName,
  rootDir: __dirname,
  testEnvironment: 'node',
  transform,
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
  ...extra,
});

module.exports = {
  projects: [
    project('unit', { setupFiles: ['<rootDir>/test/unit/forbid-network.ts'] }),
    project('contract'),
    project('integration'),
    project('vectors', { setupFiles: ['<rootDir>/test/unit/forbid-network.ts'] }),
  ],
  testTimeout: 60_000,
  collectCoverageFrom: ['lambdas/**/*.ts', 'local/**/*.ts', 'bin/**/*.ts', '!**/*.d.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  coverageThreshold: {
    global: { branches: 90, functions: 90, lines: 90, statements: 90 },
    './lambdas/core/domain/': { branches: 100 },
    './lambdas/core/usecases/': { branches: 100 },
  },
};
