import type { Clock } from '../ports/clock';
import type { KekMoveProgress } from './advance-kek-move';
import type { KekMoveReader } from './ports/kek-move-store';
import { switchAfter } from './switch-after';

/**
 * Has another process go on with a move that is being copied, and tells how far it is. It waits for nothing: what that process did
 * is in the row at the next call.
 *
 * @param deps `regions`: each of them has to prove the copy; which ones have is known there alone. `settleMs`: as for the mover
 * @throws KeywardError `store_unavailable` if the copy is not known to have been requested
 */
export const createRequestKekCopy =
  (deps: {
    readonly store: KekMoveReader;
    readonly request: () => Promise<void>;
    readonly regions: readonly string[];
    readonly settleMs: number;
    readonly clock: Clock;
  }) =>
  async (): Promise<KekMoveProgress> => {
    const { store, request, regions } = deps;
    const move = await store.read();
    if (move?.state !== 'copying') return { move, waitingFor: [] };
    await request();
    const notBefore = switchAfter(move, deps);
    return notBefore === undefined ? { move, waitingFor: regions } : { move, waitingFor: [], switchAfter: notBefore };
  };
