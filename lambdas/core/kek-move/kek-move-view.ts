import type { KekMoveRecord } from './kek-move-record';

/** The API's view of a move. */
export type KekMoveView = Pick<
  KekMoveRecord,
  'move_id' | 'from' | 'to' | 'state' | 'started_by' | 'started_at' | 'switched_at' | 'ended_at'
>;

export function toKekMoveView(move: KekMoveRecord): KekMoveView {
  const { move_id, from, to, state, started_by, started_at, switched_at, ended_at } = move;
  return { move_id, from, to, state, started_by, started_at, switched_at, ended_at };
}
