/**
 * How many times the CPU of `reference-work.cjs`, measured in the same run, all processes of `npm test` may take together. Every bit of
 * it is spent before each commit, so each issue may add 3 % at most.
 */
export const COMMIT_CPU_RATIO = 330;

/** The effort (`test/effort.ts`) of `npm run test:all`. */
export const ALL_EFFORT = '0.3';
