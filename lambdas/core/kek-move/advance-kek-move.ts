import type { KekHome } from '../contract/kek-homes';
import { readKekSecretRecord } from '../crypto/kek-keyset';
import { KeywardError } from '../errors/errors';
import { pendingOf } from '../kek-rotation/staged-versions';
import { systemCaller } from '../ports/system-caller';
import { copyKek, type KekCopyOf } from './copy-kek';
import type { KekHomeStore, KekMoverDependencies } from './kek-move-dependencies';
import type { KekMoveRecord } from './kek-move-record';
import { regionsWithoutProof } from './prove-copy';
import { switchAfter } from './switch-after';
import { inState, movedMeanwhile, writeKekMove } from './write-kek-move';

/** How far a move is. */
export interface KekMoveProgress {
  /** Undefined if the KEK was never moved. */
  readonly move: KekMoveRecord | undefined;
  /** Regions that the next state waits for. */
  readonly waitingFor: readonly string[];
  /** Time before which the switch is not made, ISO 8601. */
  readonly switchAfter?: string;
}

/**
 * Goes on with a move that is being copied: takes a pending rotation off the old home, copies, has each region prove that it
 * opens its keysets with the copy, and switches once nothing can change the old home any more. A move in another state stays as
 * it is. May be called at any time, by many, and be cut off anywhere.
 *
 * @throws KeywardError `conflict` if the target holds something else or the KEK cannot be copied; `store_unavailable`
 */
export const createAdvanceKekMove = (deps: KekMoverDependencies) => async (): Promise<KekMoveProgress> => {
  const move = await deps.store.read();
  if (move?.state !== 'copying') return { move, waitingFor: [] };
  const [from, to] = [storeOf(deps, move.from), storeOf(deps, move.to)];
  await takeOffPending(deps, from, move);
  const source = await readKek(from, move.from);
  await copyKek(to, source, move.to);
  const waitingFor = await regionsWithoutProof(deps, move.to, source.value);
  const notBefore = switchAfter(move, deps);
  if (notBefore !== undefined) return { move, waitingFor, switchAfter: notBefore };
  if (waitingFor.length > 0) return { move, waitingFor };
  for (const home of [from, to]) {
    const { versionId, value } = await home.current();
    if (versionId !== source.versionId || value !== source.value) throw movedMeanwhile();
  }
  return { move: await switchHome(deps, move, source), waitingFor: [] };
};

async function switchHome(
  deps: KekMoverDependencies,
  move: KekMoveRecord,
  { versionId }: KekCopyOf,
): Promise<KekMoveRecord> {
  const switched = await writeKekMove(deps, systemCaller('keyward:rotate-kek', move.move_id), move, {
    ...inState(move, 'switched', deps.clock.now()),
    switched_at: new Date(deps.clock.now()).toISOString(),
    version_id: versionId,
  });
  if (switched === undefined) throw movedMeanwhile();
  deps.logger.info('the KEK is read from its new home', { operation: 'move_kek' });
  return switched;
}

function storeOf({ stores }: KekMoverDependencies, home: KekHome): KekHomeStore {
  const store = stores[home];
  if (store !== undefined) return store;
  throw new KeywardError(
    'conflict',
    `a move of the KEK stands, and the configuration does not name ${home}: set SECRETS_PROVIDER and KEYWARD_KEK_MOVING_FROM as it was begun`,
  );
}

/** The steps of a rotation do nothing while the move stands, and no keyset is under a KEK that was never current. */
async function takeOffPending(deps: KekMoverDependencies, from: KekHomeStore, move: KekMoveRecord): Promise<void> {
  const pending = pendingOf(await from.versions());
  if (pending === undefined) return;
  const error = new KeywardError('conflict', 'the pending KEK secret is abandoned: the KEK is being moved');
  const metadata = { operation: 'rotate_kek', write_id: pending };
  const caller = systemCaller('keyward:rotate-kek', move.move_id);
  await deps.trail.recordRefusal(caller, { event_type: 'rotate', provider: null, metadata }, error);
  await from.removePending(pending);
}

/** @throws KeywardError `conflict` if there is no KEK, or a damaged one */
async function readKek(from: KekHomeStore, name: KekHome): Promise<KekCopyOf> {
  const current = await from.current();
  const found = readKekSecretRecord(current.value);
  if (typeof found !== 'string') return current;
  const what = found === 'kek_missing' ? 'holds no KEK' : 'holds a damaged KEK keyset';
  throw new KeywardError('conflict', `${name} ${what}: nothing was copied`, found);
}
