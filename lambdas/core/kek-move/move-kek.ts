import type { AuditTrail } from '../audit/audit-trail';
import { toKeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import type { KekMoveProgress } from './advance-kek-move';
import type { createBeginKekMove, KekMoveRequest } from './begin-kek-move';
import type { createAbortKekMove, createFinishKekMove } from './end-kek-move';

/** What an operator asks for: to begin a move or go on with it, to finish it, or to go back. */
export type KekMoveAction =
  ({ readonly action: 'begin' } & KekMoveRequest) | { readonly action: 'finish' } | { readonly action: 'abort' };

export type MoveKek = (caller: Caller, asked: KekMoveAction) => Promise<KekMoveProgress>;

/**
 * Serves an operator's command. Each may be repeated until it says that nothing is waited for. A refusal is on record.
 *
 * @throws KeywardError `conflict` with one sentence for the operator; `store_unavailable`, `outcome_unknown`, `audit_unavailable`
 */
export const createMoveKek =
  (deps: {
    readonly begin: ReturnType<typeof createBeginKekMove>;
    /** Has the KEK copied, by whoever may read it. */
    readonly advance: () => Promise<KekMoveProgress>;
    readonly finish: ReturnType<typeof createFinishKekMove>;
    readonly abort: ReturnType<typeof createAbortKekMove>;
    readonly trail: AuditTrail;
  }): MoveKek =>
  async (caller, asked) => {
    const { action } = asked;
    try {
      if (action !== 'begin') return await deps[action](caller);
      await deps.begin(caller, asked);
    } catch (thrown) {
      if (toKeywardError(thrown).code === 'conflict') {
        const { from, to } = { from: undefined, to: undefined, ...asked };
        const metadata = {
          operation: 'move_kek',
          ...(from !== undefined && { from_home: from }),
          ...(to !== undefined && { to_home: to }),
        };
        await deps.trail.recordRefusal(caller, { event_type: 'config_change', provider: null, metadata }, thrown);
      }
      throw thrown;
    }
    return deps.advance();
  };
