import type { KekHome, KekHomes } from '../contract/kek-homes';
import { KeywardError } from '../errors/errors';
import { homeInForce, stands } from './kek-move-record';
import type { KekMoveReader } from './ports/kek-move-store';

/** Tells whoever writes a KEK, or a keyset under a KEK, whether that may be done now. */
export interface KekMoveGuard {
  /** @throws KeywardError `store_unavailable`; `conflict` if the row was edited */
  mayChange(): Promise<boolean>;

  /** @throws KeywardError `conflict` if a move stands or the KEK is in another home; as mayChange */
  assertMayChange(): Promise<void>;
}

/**
 * Guards the KEK in one home. Each question is a consistent read of the row, so it is asked just before each write.
 *
 * @param home the home that would be written, or whose KEKs keysets would be under
 */
export function createKekMoveGuard(deps: {
  readonly moves: KekMoveReader;
  readonly homes: KekHomes;
  readonly home: KekHome;
}): KekMoveGuard {
  const { moves, homes, home } = deps;
  const why = async (): Promise<string | undefined> => {
    const move = await moves.read();
    if (move !== undefined && stands(move)) return `the KEK is being moved from ${move.from} to ${move.to}`;
    const inForce = homeInForce(move, homes);
    return inForce === home ? undefined : `the KEK was moved: its home is ${inForce}, and ${home} is configured`;
  };
  return {
    mayChange: async () => (await why()) === undefined,
    assertMayChange: async () => {
      const sentence = await why();
      if (sentence !== undefined) throw new KeywardError('conflict', sentence);
    },
  };
}
