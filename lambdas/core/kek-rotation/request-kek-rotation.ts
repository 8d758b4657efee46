import type { AuditTrail } from '../audit/audit-trail';
import { MAX_KEKS_FOR_REQUEST } from '../contract/limits';
import type { KekMoveGuard } from '../kek-move/kek-move-guard';
import { newId, type Randomness } from '../crypto/randomness';
import type { ErrorCode } from '../contract/problems';
import { KeywardError, toKeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import type { DescribeKek, KekView } from './describe-kek';
import type { KekRotation } from './ports/kek-rotation';

export interface RequestKekRotationDependencies {
  readonly rotation: KekRotation;
  /** Left out: the KEK cannot be moved. */
  readonly moves?: KekMoveGuard;
  readonly describeKek: DescribeKek;
  readonly trail: AuditTrail;
  readonly randomness: Randomness;
}

export type RequestKekRotation = (caller: Caller) => Promise<KekView>;

export const TOO_MANY_KEKS =
  'the secret holds too many KEKs for a rotation beside the scheduled ones; a KEK leaves it 40 days after its last use';

/** Nothing was requested: a move stands, or the store would not keep a KEK. */
const REFUSALS: readonly ErrorCode[] = ['conflict', 'configuration_invalid'];

/**
 * Makes a function that starts a rotation of the KEK now, or goes on with one that is pending. The rotation runs by itself and may
 * fail; the request is audited.
 *
 * @throws KeywardError `conflict` if the secret holds so many KEKs that the scheduled rotations would lack room for theirs;
 *   or if a move of the KEK stands; `store_unavailable`, `keys_unavailable`; `configuration_invalid` if the store would not keep
 *   a KEK; `outcome_unknown` if it is not known to have been requested
 */
export const createRequestKekRotation =
  ({ rotation, moves, describeKek, trail, randomness }: RequestKekRotationDependencies): RequestKekRotation =>
  async (caller) => {
    const metadata = { operation: 'request_kek_rotation', write_id: newId(randomness) };
    const entry = { event_type: 'rotate', provider: null, metadata } as const;
    try {
      await moves?.assertMayChange();
      const { kek_count: count, pending } = await describeKek();
      if (pending === null && count >= MAX_KEKS_FOR_REQUEST) throw new KeywardError('conflict', TOO_MANY_KEKS);
    } catch (thrown) {
      await trail.recordRefusal(caller, entry, thrown);
      throw thrown;
    }
    let refusal: unknown;
    await trail.change(caller, entry, async () => {
      try {
        await rotation.start();
        return 'written';
      } catch (thrown) {
        if (!REFUSALS.includes(toKeywardError(thrown).code)) throw thrown;
        refusal = thrown;
        return 'refused';
      }
    });
    if (refusal !== undefined) throw refusal as Error;
    return describeKek();
  };
