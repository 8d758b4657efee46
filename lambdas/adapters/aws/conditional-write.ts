import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { WriteResult } from '../../core/ports/write-result';
import { storeUnavailable } from './store-unavailable';

/** One write on the condition that the record is still the one that was read. */
export interface ConditionalWrite {
  /** New for this write: a record that carries it is this write's. */
  readonly writeId: string;
  /** Whether what is stored now is still what was read. */
  readonly isUnchanged: (stored: StoredVersion | undefined) => boolean;
  /** Sends it; the SDK may do so several times. */
  readonly send: () => Promise<unknown>;
  /**
   * A consistent read of what is stored now.
   *
   * @throws KeywardError `store_unavailable`
   */
  readonly read: () => Promise<StoredVersion | undefined>;
}

export interface StoredVersion {
  readonly revision?: unknown;
  readonly write_id?: unknown;
}

/** The condition that a record still has the revision that was read; 0 where there was none. */
export const stillAtRevision =
  (revision: number) =>
  (stored: StoredVersion | undefined): boolean =>
    (stored?.revision ?? 0) === revision;

/**
 * Makes a conditional write and finds out what came of it, even if answers are lost on the way.
 *
 * A failed condition alone proves nothing: the SDK may have retried a write that was applied before its answer was
 * lost. A lost answer proves nothing either. Both are settled by a consistent read. A write that is nowhere to be seen
 * may still be under way, so it is sent once more under the same condition; of the two at most one can hold.
 *
 * @throws KeywardError `store_unavailable` where it is not known whether it was written
 */
export async function writeConditionally(write: ConditionalWrite): Promise<WriteResult> {
  const answer = await send(write);
  if (answer === 'written') return 'written';
  const found = await look(write);
  if (found === 'ours') return 'written';
  if (answer === 'refused') return 'refused';
  // Ours may have been applied and then replaced.
  if (answer === 'refused_late' || found === 'foreign') return 'unknown';
  return writeAgain(write);
}

/** The answer was lost and the record is as it was. */
async function writeAgain(write: ConditionalWrite): Promise<WriteResult> {
  if ((await send(write)) === 'written') return 'written';
  // Even a clean refusal may be the first attempt's doing, if it arrived late.
  const found = await look(write);
  if (found === 'ours') return 'written';
  if (found === 'foreign') return 'unknown';
  throw storeUnavailable();
}

/** `refused`: by the only attempt there was. `refused_late`: an earlier attempt may have been applied. `lost`: anything may be. */
type Answer = 'written' | 'refused' | 'refused_late' | 'lost';

async function send(write: ConditionalWrite): Promise<Answer> {
  try {
    await write.send();
    return 'written';
  } catch (thrown) {
    if (!(thrown instanceof ConditionalCheckFailedException)) return 'lost';
    return thrown.$metadata.attempts === 1 ? 'refused' : 'refused_late';
  }
}

async function look(write: ConditionalWrite): Promise<'ours' | 'unchanged' | 'foreign'> {
  const stored = await write.read();
  if (stored?.write_id === write.writeId) return 'ours';
  return write.isUnchanged(stored) ? 'unchanged' : 'foreign';
}
