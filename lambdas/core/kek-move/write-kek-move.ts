import type { AuditTrail } from '../audit/audit-trail';
import type { KekMoveState } from '../contract/kek-homes';
import { newId, type Randomness } from '../crypto/randomness';
import { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import type { KekMoveRecord } from './kek-move-record';
import type { KekMoveStore } from './ports/kek-move-store';

/**
 * Writes the next row, audited before and after, on condition that the row is still the one that was read.
 *
 * @param read undefined if there was none
 * @returns the row as written; undefined if another process was faster, and nothing was written
 * @throws KeywardError `store_unavailable`, `outcome_unknown`, `audit_unavailable`: the next attempt decides by what it reads
 */
export async function writeKekMove(
  deps: { readonly store: KekMoveStore; readonly trail: AuditTrail; readonly randomness: Randomness },
  caller: Caller,
  read: KekMoveRecord | undefined,
  next: Omit<KekMoveRecord, 'revision' | 'write_id'>,
): Promise<KekMoveRecord | undefined> {
  const expected = read?.revision ?? 0;
  const record: KekMoveRecord = { ...next, revision: expected + 1, write_id: newId(deps.randomness) };
  const { write_id, revision, from, to, state } = record;
  const metadata = { operation: 'move_kek', write_id, revision, from_home: from, to_home: to, move_state: state };
  const outcome = await deps.trail.change(caller, { event_type: 'config_change', provider: null, metadata }, () =>
    deps.store.put(record, expected),
  );
  return outcome === 'written' ? record : undefined;
}

/** The same row in another state. */
export const inState = (move: KekMoveRecord, state: KekMoveState, now: number): KekMoveRecord => ({
  ...move,
  state,
  ...((state === 'finished' || state === 'aborted') && { ended_at: new Date(now).toISOString() }),
});

/** Another process changed the row between reading and writing it. */
export const movedMeanwhile = (): KeywardError =>
  new KeywardError('conflict', 'the move was changed meanwhile; look at its state, and try again');
