import { DAY_MS } from '../../lambdas/core/contract/time-units';

/** All in milliseconds. */
export interface ExpiryLimitOptions {
  /** When something was written, in any order; times after `now` are left out. */
  readonly times: readonly number[];
  readonly now: number;
  readonly retentionMs: number;
}

const MOST_SILENCE_MS = 7 * DAY_MS;
const MOST_SHARE = 0.25;

/**
 * Returns the time before which events have expired, going back from now until the retention is used up. Nobody can tell a clock
 * that was set far ahead from a server that did not run, so a silence between two times, or after the last, counts for seven days
 * and a quarter of the retention at most: a wrong clock cannot delete a log at once, and what was written before a long pause is
 * kept longer.
 */
export function expiryLimit({ times, now, retentionMs }: ExpiryLimitOptions): number {
  const mostSilence = Math.min(MOST_SILENCE_MS, retentionMs * MOST_SHARE);
  let left = retentionMs;
  let at = now;
  for (const time of times.filter((each) => each <= now).sort((a, b) => b - a)) {
    const counted = Math.min(at - time, mostSilence);
    if (counted >= left) break;
    left -= counted;
    at = time;
  }
  return at - left;
}
