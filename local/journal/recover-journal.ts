import { CHAIN_START } from './journal-format';
import { SET_ASIDE, type JournalFiles } from './journal-files';
import { endOfSegment } from './segment-chain';
import { ownSegments, segmentFile } from './segment-name';

/** Where a journal ends: what is written next follows this. */
export interface JournalEnd {
  /** The newest segment and its length; undefined where there is none. */
  readonly newest: { readonly segment: string; readonly bytes: number } | undefined;
  /** Hash of the last trailer. */
  readonly chain: string;
}

/** Bytes that were never answered, taken out of a segment and kept. */
export interface SetAside {
  readonly segment: string;
  /** Where they stood, in bytes from the beginning of the file. */
  readonly offset: number;
  readonly bytes: number;
}

const COPY_BYTES = 1_048_576;

/**
 * Finds the end of a journal that no process writes: the last group whose trailer proves it. What stands behind it in the newest segment
 * was never answered, and is set aside. Damage before it stays where it is, for whoever reads the segment to tell.
 *
 * @param note called for what was set aside, once that is done
 * @param chainBefore hash that the oldest segment follows; used where no segment is left
 * @throws what the system throws
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
    // Not even its header was whole, so that it never had an event which was answered.
    if (bytes.length > 0) note(await copyTail(files, segment, 0, bytes.length));
    await files.remove(segmentFile(segment));
    await files.syncNames();
  }
  return { newest: undefined, chain: chainBefore ?? CHAIN_START };
}

/**
 * Cuts a segment off behind so many bytes, and keeps what stood there. The copy is on the device before the segment is cut.
 *
 * @throws what the system throws; what was there is in the segment, in the copy, or in both
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

/** A copy that was interrupted has the name already, and stays: it may have what the segment lost since. */
async function createFree(files: JournalFiles, name: string): ReturnType<JournalFiles['create']> {
  for (let copies = 0; ; copies += 1) {
    try {
      return await files.create(copies === 0 ? name : `${name}.${copies}`);
    } catch (thrown) {
      if ((Object(thrown) as { code?: unknown }).code !== 'EEXIST') throw thrown;
    }
  }
}
