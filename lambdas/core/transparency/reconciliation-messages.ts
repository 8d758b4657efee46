import { WORKER_RESERVE_MS } from '../contract/function-times';
import {
  reconciliationMessage,
  type ReconciliationMessage,
  type ReconciliationQueue,
} from './ports/reconciliation-queue';
import type { ReconcileBatches } from './reconcile-batches';
import type { ReconcileDay } from './reconcile-day';

/** What a message of the reconciliation's queue needs. */
export interface ReconciliationUse {
  readonly begin: () => Promise<void>;
  readonly reconcileDay: ReconcileDay;
  readonly reconcileBatches: ReconcileBatches;
  readonly queue: ReconciliationQueue;
}

/**
 * Serves messages of the reconciliation's queue, until a minute before Lambda stops the function: what is left is a message of its own,
 * which is sent before this one is done. So it is done at least once, and a piece that is done twice changes nothing.
 */
export const reconciliationMessages = {
  name: 'archive-events',
  refusal: 'message refused: not a message of the reconciliation',
  schema: reconciliationMessage,
  fields: (message: ReconciliationMessage) => ({ operation: `reconcile-${message.kind}` }),
  reserveMs: WORKER_RESERVE_MS,
  serve: async (message: ReconciliationMessage, deps: ReconciliationUse, deadline: number) => {
    const rest = await serve(message, deps, deadline);
    if (rest !== undefined) await deps.queue.send([rest]);
    return { done: true, outcome: rest === undefined ? 'message served' : 'message served in part' };
  },
};

async function serve(
  message: ReconciliationMessage,
  { begin, reconcileDay, reconcileBatches }: ReconciliationUse,
  deadline: number,
): Promise<ReconciliationMessage | undefined> {
  switch (message.kind) {
    case 'begin':
      await begin();
      return undefined;
    case 'day':
      return reconcileDay(message, deadline);
    case 'batches':
      return reconcileBatches(message, deadline);
  }
}
