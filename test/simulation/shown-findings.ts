import type { Finding } from './findings';

const SHOWN = 5;

/** What was found, and what happened last before it. */
export const shownFindings = (findings: readonly Finding[], trace: readonly string[]): string =>
  [
    ...trace,
    ...findings
      .slice(0, SHOWN)
      .map(({ at, rule, detail }) => `BROKEN after ${(at / 1000).toFixed(3)} s: ${rule}: ${detail}`),
  ].join('\n');
