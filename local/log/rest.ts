import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleepFor } from 'node:timers/promises';

/** Work between two rests, in milliseconds: a group of the journal takes about as long. */
const BITE_MS = 5;

/** What a thread has worked, in milliseconds: the time that its event loop did not wait ("performance.eventLoopUtilization", Node.js). */
export const workedMs = (): number => performance.eventLoopUtilization().active;

/**
 * Makes a function that is called often, and rests when some work was done since it rested last. The time for which nobody asked for
 * anything is no work.
 *
 * @param factor how many times as long as the work the rest is; 0: a turn for others
 */
export function createRest(
  factor: number,
  worked: () => number = workedMs,
  sleep: (ms: number) => Promise<unknown> = sleepFor,
): () => Promise<void> {
  let rested = worked();
  return async () => {
    const since = worked() - rested;
    if (since < BITE_MS) return;
    await (factor === 0 ? nextTurn() : sleep(since * factor));
    rested = worked();
  };
}
