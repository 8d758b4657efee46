import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { KeywardError } from '../../../core/errors/errors';
import type { WriteResult } from '../../../core/ports/write-result';
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
 * may still be under way, so it is sent once more under the same condition; of the two at most one can hold. What is no
 * outage is not sent again: nobody gets a permission, or a table, from asking twice.
 *
 * @throws KeywardError `store_unavailable`; where its failure is no outage nothing was written, otherwise that is not known
 */
export async function writeConditionally(write: ConditionalWrite): Promise<WriteResult> {
  const answer = await send(write);
  if (answer === 'written') return 'written';
  if (typeof answer === 'object' && !answer.mayBeApplied) throw answer.error;
  const found = await look(write);
  if (found === 'ours') return 'written';
  if (answer === 'refused') return 'refused';
  // Ours may have been applied and then replaced.
  if (answer === 'refused_late' || found !== 'unchanged') return 'unknown';
  return isOutage(answer.error) ? writeAgain(write, answer.error) : 'unknown';
}

/** The answer was lost and the record is as it was. */
async function writeAgain(write: ConditionalWrite, lost: KeywardError): Promise<WriteResult> {
  if ((await send(write)) === 'written') return 'written';
  // Even a clean refusal may be the first attempt's doing, if it arrived late.
  const found = await look(write);
  if (found === 'ours') return 'written';
  if (found !== 'unchanged') return 'unknown';
  throw lost;
}

/** No answer that says whether it was applied. */
interface Lost {
  readonly error: KeywardError;
  /** False where nothing was, because the only attempt was turned away or none was made. */
  readonly mayBeApplied: boolean;
}

/** `refused`: by the only attempt there was. `refused_late`: an earlier attempt may have been applied. */
type Answer = 'written' | 'refused' | 'refused_late' | Lost;

async function send(write: ConditionalWrite): Promise<Answer> {
  try {
    await write.send();
    return 'written';
  } catch (thrown) {
    const attempts = attemptsOf(thrown);
    if (thrown instanceof ConditionalCheckFailedException) return attempts === 1 ? 'refused' : 'refused_late';
    const error = storeUnavailable(thrown);
    return { error, mayBeApplied: isOutage(error) || attempts > 1 };
  }
}

const isOutage = ({ outside }: KeywardError): boolean => outside?.kind === 'outage';

/** 0 where the SDK did not come to send anything. */
const attemptsOf = (thrown: unknown): number =>
  (Object(thrown) as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 0;

/** `unseen`: whoever may write may not read. That is no outage, and so must not be told as if nothing had been written. */
async function look(write: ConditionalWrite): Promise<'ours' | 'unchanged' | 'foreign' | 'unseen'> {
  let stored: StoredVersion | undefined;
  try {
    stored = await write.read();
  } catch (thrown) {
    if (thrown instanceof KeywardError && !isOutage(thrown)) return 'unseen';
    throw thrown;
  }
  if (stored?.write_id === write.writeId) return 'ours';
  return write.isUnchanged(stored) ? 'unchanged' : 'foreign';
}
