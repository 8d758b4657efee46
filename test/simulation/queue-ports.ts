import type { RewrapQueue, RewrapRequest } from '../../lambdas/core/kek-rotation/ports/rewrap-queue';
import type { DekRotationMessage, DekRotationQueue } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { noAnswer } from '../doubles/stores/no-answer';
import { HOME } from './regions';
import type { SimulatedProcess } from './simulated-process';
import type { SimulatedQueue } from './simulated-queue';

/** A queue as a process sends to it. */
export const dekRotationQueue = (
  process: SimulatedProcess,
  queue: SimulatedQueue<DekRotationMessage>,
): DekRotationQueue => ({
  send: (messages, delaySeconds) =>
    process.call(
      HOME,
      `queue.send ${messages.map(({ kind }) => kind).join(' ')}`,
      () => {
        for (const message of messages) queue.put(message, delaySeconds * 1000);
      },
      noAnswer,
    ),
});

export const rewrapQueue = (process: SimulatedProcess, queue: SimulatedQueue<RewrapRequest>): RewrapQueue => ({
  send: ({ secret_version_id, kek_id }) =>
    process.call(
      HOME,
      'queue.send rewrap',
      () => {
        queue.put({ secret_version_id, kek_id }, 0);
      },
      noAnswer,
    ),
});
