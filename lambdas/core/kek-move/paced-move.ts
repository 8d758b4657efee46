import type { Clock } from '../ports/clock';

/** Pause between two steps of one process, in milliseconds. */
const PAUSE_MS = 20_000;

/**
 * Goes on with a move at most once in 20 seconds: an operator's command asks every few seconds while it follows one, and each step
 * has every region prove every keyset. A call that comes sooner, or while a step runs, does nothing.
 *
 * @throws as the step
 */
export function createPacedMove(step: () => Promise<unknown>, clock: Clock): () => Promise<void> {
  let calmUntil = 0;
  let startedAt = 0;
  let isRunning = false;
  return async () => {
    const now = clock.now();
    // A clock that was set back must not hold the move.
    if (isRunning || (now >= startedAt && now < calmUntil)) return;
    isRunning = true;
    startedAt = now;
    try {
      await step();
    } finally {
      isRunning = false;
      calmUntil = clock.now() + PAUSE_MS;
    }
  };
}
