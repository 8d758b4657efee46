import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import { isHash } from './journal-format';
import type { JournalFiles } from './journal-files';
import { writeWhole } from './write-whole';

/** How far retention has deleted segments: tells deleted segments from lost ones. */
export interface ExpiredMark {
  /** The last deleted segment of the journal's own; all deleted ones sort up to it. */
  readonly through: string;
  /** Hash of its last trailer, which the oldest remaining segment follows. */
  readonly previous: string;
}

export const EXPIRED_FILE = 'expired.json';
const MAX_BYTES = 1_024;
const SEGMENT = /^\d{4}-\d{2}-\d{2}T\d{2}\.\d{5}$/;

/** Returns undefined if nothing was deleted, or the mark is damaged: then a segment before the first remaining one seems lost. */
export async function readExpired(files: JournalFiles): Promise<ExpiredMark | undefined> {
  if (!(await files.list()).includes(EXPIRED_FILE)) return undefined;
  return parseExpired((await files.read(EXPIRED_FILE, 0, MAX_BYTES)).toString('utf8'));
}

export function parseExpired(text: string): ExpiredMark | undefined {
  const value = parseStrictJson(text);
  if (!isRecord(value)) return undefined;
  const { through, previous } = value;
  const isMark = typeof through === 'string' && SEGMENT.test(through) && isHash(previous);
  return isMark ? { through, previous } : undefined;
}

/** Replaces the mark atomically and durably. Throws errors of the system. */
export async function writeExpired(files: JournalFiles, { through, previous }: ExpiredMark): Promise<void> {
  await writeWhole(files, EXPIRED_FILE, [Buffer.from(`${JSON.stringify({ through, previous })}\n`, 'utf8')]);
}
