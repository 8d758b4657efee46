import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Work between two rests, in milliseconds: a group of the journal takes about as long. */
const BITE_MS = 5;

/**
 * Makes a function that is called often, and rests when some work was done since it rested last.
 *
 * @param factor how many times as long as the work the rest is; 0: a turn for others
 */
export function createRest(factor: number): () => Promise<void> {
  let since = performance.now();
  return async () => {
    const worked = performance.now() - since;
    if (worked < BITE_MS) return;
    await (factor === 0 ? nextTurn() : sleep(worked * factor));
    since = performance.now();
  };
}
