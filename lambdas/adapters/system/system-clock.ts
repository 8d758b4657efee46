import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../core/ports/clock';

/** The longest delay that a Node timer keeps; a longer one would fire at once. */
const MAX_DELAY_MS = 2_147_483_647;

/** The machine's wall clock and its timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => delay(Math.min(ms, MAX_DELAY_MS)),
};
