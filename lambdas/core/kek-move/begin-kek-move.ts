import type { KekHome } from '../contract/kek-homes';
import { newId } from '../crypto/randomness';
import { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import type { KekMoveDependencies } from './kek-move-dependencies';
import { homeInForce, stands, type KekMoveRecord } from './kek-move-record';
import { movedMeanwhile, writeKekMove } from './write-kek-move';

/** The homes between which an operator wants to move the KEK. */
export interface KekMoveRequest {
  /** Undefined: the old home that is configured. */
  readonly from: KekHome | undefined;
  /** Undefined: the target that is configured. */
  readonly to: KekHome | undefined;
}

/**
 * Begins a move, or returns the one that is asked for if it stands or is finished. Copies nothing.
 *
 * @throws KeywardError `conflict` if another move stands, or the configuration does not name both homes; as writeKekMove
 */
export const createBeginKekMove =
  (deps: Omit<KekMoveDependencies, 'reporters'>) =>
  async (caller: Caller, asked: KekMoveRequest): Promise<KekMoveRecord> => {
    const { store, homes, clock, randomness, logger } = deps;
    const { from = homes.movingFrom, to = homes.home } = asked;
    const found = await store.read();
    const same = known(found, from, to);
    if (same !== undefined) return same;
    if (found !== undefined && stands(found)) {
      throw refused(`a move from ${found.from} to ${found.to} stands (${found.state}): finish it or abort it first`);
    }
    if (from === undefined || homes.home !== to || homes.movingFrom !== from) {
      throw refused(
        `the configuration does not name both homes: deploy or start with SECRETS_PROVIDER=${to} and KEYWARD_KEK_MOVING_FROM=${from ?? 'the old home'} first`,
      );
    }
    const inForce = homeInForce(found, homes);
    if (inForce !== from) throw refused(`the KEK is not in ${from}: it is in ${inForce}`);
    const written = await writeKekMove(deps, caller, found, {
      move_id: newId(randomness),
      from,
      to,
      state: 'copying',
      started_by: caller.user_id,
      started_at: new Date(clock.now()).toISOString(),
      switched_at: null,
      ended_at: null,
      version_id: null,
    });
    const move = written ?? known(await store.read(), from, to);
    if (move === undefined) throw movedMeanwhile();
    logger.info('a move of the KEK stands: no KEK rotates until it ends', { operation: 'move_kek' });
    return move;
  };

/** The move that is asked for: it stands, or has ended with the KEK where it is wanted. */
function known(move: KekMoveRecord | undefined, from: KekHome | undefined, to: KekHome): KekMoveRecord | undefined {
  if (move === undefined || move.from !== from || move.to !== to) return undefined;
  return move.state === 'copying' || move.state === 'switched' || move.state === 'finished' ? move : undefined;
}

const refused = (message: string): KeywardError => new KeywardError('conflict', message);
