import type { Violation } from './violations';

const SHOWN = 5;

/** Violations, and the last events before them. */
export const shownViolations = (violations: readonly Violation[], trace: readonly string[]): string =>
  [
    ...trace,
    ...violations
      .slice(0, SHOWN)
      .map(({ at, invariant, detail }) => `BROKEN after ${(at / 1000).toFixed(3)} s: ${invariant}: ${detail}`),
  ].join('\n');
