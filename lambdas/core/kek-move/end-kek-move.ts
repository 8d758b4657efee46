import { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import { failureFields } from '../ports/failure-fields';
import type { KekMoveProgress } from './advance-kek-move';
import type { KekMoveDependencies } from './kek-move-dependencies';
import { homeInForce, type KekMoveRecord } from './kek-move-record';
import { inState, movedMeanwhile, writeKekMove } from './write-kek-move';

/**
 * Ends a move once each region's function reads the target; until then it says which regions it waits for. Deletes nothing: the
 * old home keeps its value.
 *
 * @throws KeywardError `conflict` if no move is switched; as writeKekMove
 */
export const createFinishKekMove =
  (deps: KekMoveDependencies) =>
  async (caller: Caller): Promise<KekMoveProgress> => {
    const move = await deps.store.read();
    if (move?.state === 'finished') return { move, waitingFor: [] };
    if (move?.state !== 'switched') {
      throw refused(move?.state === 'copying' ? 'the KEK is not copied and proved yet' : 'no move of the KEK stands');
    }
    return endOnceRead(deps, caller, move, 'finished');
  };

/**
 * Goes back to the old home. Nothing may change until each region's function reads it; until then this says which regions it
 * waits for, and is repeated. The copy stays in the target, and is no home.
 *
 * @throws KeywardError `conflict` if no move stands; as writeKekMove
 */
export const createAbortKekMove =
  (deps: KekMoveDependencies) =>
  async (caller: Caller): Promise<KekMoveProgress> => {
    const move = await deps.store.read();
    if (move?.state === 'aborted') return { move, waitingFor: [] };
    if (move === undefined) throw refused('no move of the KEK stands');
    if (move.state === 'finished') throw refused('the move is finished: move the KEK back in place of that');
    const aborting =
      move.state === 'aborting'
        ? move
        : await writeKekMove(deps, caller, move, inState(move, 'aborting', deps.clock.now()));
    if (aborting === undefined) throw movedMeanwhile();
    return endOnceRead(deps, caller, aborting, 'aborted');
  };

async function endOnceRead(
  deps: KekMoveDependencies,
  caller: Caller,
  move: KekMoveRecord,
  end: 'finished' | 'aborted',
): Promise<KekMoveProgress> {
  const wanted = homeInForce(move, deps.homes);
  const asked = await Promise.all(
    deps.reporters.map(async (reporter) => {
      try {
        return (await reporter.home()) === wanted ? [] : [reporter.region];
      } catch (thrown) {
        const fields = { operation: 'move_kek', region: reporter.region, ...failureFields(thrown) };
        deps.logger.warn('a region does not say which home of the KEK it reads', fields);
        return [reporter.region];
      }
    }),
  );
  const waitingFor = asked.flat();
  if (waitingFor.length > 0) return { move, waitingFor };
  const ended = await writeKekMove(deps, caller, move, inState(move, end, deps.clock.now()));
  if (ended === undefined) throw movedMeanwhile();
  deps.logger.info(`the move of the KEK is ${end}`, { operation: 'move_kek' });
  return { move: ended, waitingFor };
}

const refused = (message: string): KeywardError => new KeywardError('conflict', message);
