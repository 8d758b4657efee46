import type { Clock } from '../ports/clock';
import type { KekMoveRecord } from './kek-move-record';

/**
 * Time before which the switch of a move is not made, ISO 8601; undefined once it is over. A clock that was set back that far must
 * not hold the move.
 *
 * @param deps `settleMs`: longest run of a step that asked the guard before the row stood, in milliseconds
 */
export function switchAfter(
  { started_at: startedAt }: KekMoveRecord,
  { clock, settleMs }: { readonly clock: Clock; readonly settleMs: number },
): string | undefined {
  const startedMs = Date.parse(startedAt);
  if (Math.abs(clock.now() - startedMs) >= settleMs) return undefined;
  return new Date(startedMs + settleMs).toISOString();
}
