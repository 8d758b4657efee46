/**
 * How many times the CPU of `reference-work.cjs`, measured in the same run, all processes of `npm test` may take together. Every bit of
 * it is spent before each commit, so each issue may add 3 % at most.
 */
export const COMMIT_CPU_RATIO = 330;
