import type { KekHome, KekHomes } from '../contract/kek-homes';
import { KeywardError } from '../errors/errors';
import type { KekMoveGuard } from './kek-move-guard';
import { homeInForce } from './kek-move-record';
import type { KekMoveReader } from './ports/kek-move-store';

/**
 * Finds what belongs to the home that is in force. With one home configured that is the one, and no row is read: whoever writes
 * asks a guard in any case. With two it is in the row of the move, which is asked at each call.
 *
 * @param byHome what belongs to each home that the configuration names
 * @returns a function that throws KeywardError `store_unavailable` if the row cannot be read; `conflict` if the KEK is in a home
 *   that is not configured
 */
export function ofHomeInForce<T>(
  { moves, homes }: { readonly moves: KekMoveReader; readonly homes: KekHomes },
  byHome: ReadonlyMap<KekHome, T>,
): () => Promise<T> {
  const [only] = [...byHome.values()];
  if (only !== undefined && byHome.size === 1) return () => Promise.resolve(only);
  return async () => {
    const home = homeInForce(await moves.read(), homes);
    const found = byHome.get(home);
    if (found !== undefined) return found;
    throw new KeywardError('conflict', `the KEK is in ${home}, which the configuration does not name`);
  };
}

/** Guards the KEK in the home that is in force. */
export const guardOfHomeInForce = (guard: () => Promise<KekMoveGuard>): KekMoveGuard => ({
  mayChange: async () => (await guard()).mayChange(),
  assertMayChange: async () => (await guard()).assertMayChange(),
});
