import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import type { JournalFiles } from './journal-files';
import { writeWhole } from './write-whole';

/** State of a takeover of an older data directory's events: `taken` when all are in the journal, `erased` when their rows are gone. */
export type TakeoverState = 'taken' | 'erased';

const FILE = 'takeover.json';
const MOST_BYTES = 1_024;

/**
 * @returns undefined if nothing is taken over yet, or the state is unreadable: starting again does no harm. Throws errors of the
 *   system
 */
export async function readTakeoverState(files: JournalFiles): Promise<TakeoverState | undefined> {
  if (!(await files.list()).includes(FILE)) return undefined;
  const value = parseStrictJson((await files.read(FILE, 0, MOST_BYTES)).toString('utf8'));
  const state = isRecord(value) ? value['state'] : undefined;
  return state === 'taken' || state === 'erased' ? state : undefined;
}

/** Resolves when the state is durable. Throws errors of the system. */
export async function writeTakeoverState(files: JournalFiles, state: TakeoverState): Promise<void> {
  await writeWhole(files, FILE, [Buffer.from(`${JSON.stringify({ state })}\n`, 'utf8')]);
}
