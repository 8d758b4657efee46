import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { KeywardError } from '../../../core/errors/errors';
import type { WriteResult } from '../../../core/ports/write-result';
import { attemptsOf } from '../attempts-of';
import { storeUnavailable } from './store-unavailable';

/** A write on condition that the record is still the one that was read. */
export interface ConditionalWrite {
  /** New for this write: a record that has it was written by it. */
  readonly writeId: string;
  /** Whether the stored record is still the one that was read. */
  readonly isUnchanged: (stored: StoredVersion | undefined) => boolean;
  /** Sends the write; the SDK may retry it. */
  readonly send: () => Promise<unknown>;
  /** Reads the stored record consistently.
   *
   * @throws KeywardError `store_unavailable`
   */
  readonly read: () => Promise<StoredVersion | undefined>;
}

export interface StoredVersion {
  readonly revision?: unknown;
  readonly write_id?: unknown;
}

/** The condition that a record still has the revision that was read; 0 if there was none. */
export const stillAtRevision =
  (revision: number) =>
  (stored: StoredVersion | undefined): boolean =>
    (stored?.revision ?? 0) === revision;

/**
 * Makes a conditional write and determines its result, even if answers are lost.
 *
 * A failed condition alone proves nothing: the SDK may have retried a write that was applied before its answer was lost. A lost
 * answer proves nothing either. A consistent read decides both. A write that is not visible may still be on its way, so it is
 * sent again under the same condition, which at most one of the two can meet. A failure that is not an outage is not retried: a
 * retry does not give a permission or a table.
 *
 * @throws KeywardError `store_unavailable`; if its failure is not an outage nothing was written, otherwise that is unknown
 */
export async function writeConditionally(write: ConditionalWrite): Promise<WriteResult> {
  const answer = await send(write);
  if (answer === 'written') return 'written';
  if (typeof answer === 'object' && !answer.mayBeApplied) throw answer.error;
  const found = await look(write);
  if (found === 'ours') return 'written';
  if (answer === 'refused') return 'refused';
  // This write may have been applied and then replaced.
  if (answer === 'refused_late' || found !== 'unchanged') return 'unknown';
  return isOutage(answer.error) ? writeAgain(write, answer.error) : 'unknown';
}

/** Sends the write again: the answer was lost and the record is unchanged. */
async function writeAgain(write: ConditionalWrite, lost: KeywardError): Promise<WriteResult> {
  if ((await send(write)) === 'written') return 'written';
  // A refusal may be caused by the first attempt, if that was applied late.
  const found = await look(write);
  if (found === 'ours') return 'written';
  if (found !== 'unchanged') return 'unknown';
  throw lost;
}

/** An attempt of which it is not known whether it was applied. */
interface Lost {
  readonly error: KeywardError;
  /** False if nothing was written, because the only attempt was refused or none was made. */
  readonly mayBeApplied: boolean;
}

/** `refused`: the only attempt was refused. `refused_late`: an earlier attempt may have been applied. */
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

/**
 * `unseen`: a role that may write may not read. Something may have been written, so this must not count as a failure that is not
 * an outage.
 */
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
