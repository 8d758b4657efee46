import { CHAIN_START } from './journal-format';
import { SET_ASIDE, type JournalFiles } from './journal-files';
import { endOfSegment } from './segment-chain';
import { ownSegments, segmentFile } from './segment-name';

/** End of a journal, which the next write follows. */
export interface JournalEnd {
  /** The newest segment and its length; undefined if there is none. */
  readonly newest: { readonly segment: string; readonly bytes: number } | undefined;
  /** Hash of the last trailer. */
  readonly chain: string;
}

/** Bytes that were not acknowledged, moved out of a segment and kept. */
export interface SetAside {
  readonly segment: string;
  /** Their offset in the file, in bytes. */
  readonly offset: number;
  readonly bytes: number;
}

const COPY_BYTES = 1_048_576;

/**
 * Finds the end of a journal that no process writes: the last group whose trailer proves it. Bytes after it in the newest segment
 * were not acknowledged, and are set aside. Damage before it stays for readers to report.
 *
 * @param note called for what was set aside, after that is done
 * @param chainBefore hash that the oldest segment follows; used if no segment is left
 * @throws errors of the system
 */
export async function recoverJournal(
  files: JournalFiles,
  chainBefore: string | undefined,
  note: (aside: SetAside) => void,
): Promise<JournalEnd> {
  for (const { segment } of ownSegments(await files.list()).toReversed()) {
    const bytes = await files.read(segmentFile(segment), 0, await files.size(segmentFile(segment)));
    const end = endOfSegment(segment, bytes);
    if (end !== undefined) {
      await cutOff(files, segment, end.bytes, note);
      return { newest: { segment, bytes: end.bytes }, chain: end.chain };
    }
    // Even its header was incomplete, so it never had an acknowledged event.
    if (bytes.length > 0) note(await copyTail(files, segment, 0, bytes.length));
    await files.remove(segmentFile(segment));
    await files.syncNames();
  }
  return { newest: undefined, chain: chainBefore ?? CHAIN_START };
}

/**
 * Truncates a segment to a length, and keeps the removed bytes. The copy is durable before the segment is truncated.
 *
 * @throws errors of the system; the bytes are then in the segment, in the copy, or in both
 */
export async function cutOff(
  files: JournalFiles,
  segment: string,
  bytes: number,
  note: (aside: SetAside) => void,
): Promise<void> {
  const size = await files.size(segmentFile(segment));
  if (size <= bytes) return;
  const aside = await copyTail(files, segment, bytes, size);
  await files.truncate(segmentFile(segment), bytes);
  note(aside);
}

async function copyTail(files: JournalFiles, segment: string, from: number, to: number): Promise<SetAside> {
  const copy = await createFree(files, `${SET_ASIDE}/${segment}.${from}`);
  try {
    for (let position = from; position < to; position += COPY_BYTES) {
      await copy.write(await files.read(segmentFile(segment), position, Math.min(COPY_BYTES, to - position)));
    }
    await copy.sync();
  } finally {
    await copy.close();
  }
  await files.syncNames();
  return { segment, offset: from, bytes: to - from };
}

/** An interrupted copy already has the name, and is kept: it may have bytes that the segment has lost since. */
async function createFree(files: JournalFiles, name: string): ReturnType<JournalFiles['create']> {
  for (let copies = 0; ; copies += 1) {
    try {
      return await files.create(copies === 0 ? name : `${name}.${copies}`);
    } catch (thrown) {
      if ((Object(thrown) as { code?: unknown }).code !== 'EEXIST') throw thrown;
    }
  }
}
