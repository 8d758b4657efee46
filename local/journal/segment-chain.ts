import { groupsIn } from './block-groups';
import { CHAIN_START, hashOfTrailer, LINE_FEED, MOST_HEADER_BYTES, readHeader } from './journal-format';
import type { JournalFiles } from './journal-files';
import { segmentFile } from './segment-name';

/** End of a segment's groups, and the hash of its last trailer. */
export interface SegmentEnd {
  readonly bytes: number;
  readonly chain: string;
}

/** @returns undefined if the segment has neither its header nor a group */
export function endOfSegment(segment: string, bytes: Buffer): SegmentEnd | undefined {
  const { header, end: headerEnd } = readHeader(bytes);
  // A damaged header hides no group.
  const start = header === undefined ? 0 : headerEnd;
  let end = header?.segment === segment ? { bytes: headerEnd, chain: header.previous } : undefined;
  const groups = bytes.subarray(start);
  for (const { end: trailerAt, isIntact } of groupsIn(groups)) {
    if (!isIntact) continue;
    const trailerEnd = groups.indexOf(LINE_FEED, trailerAt);
    end = { bytes: start + trailerEnd + 1, chain: hashOfTrailer(groups.subarray(trailerAt, trailerEnd)) };
  }
  return end;
}

/** Returns the previous hash of a segment's header; undefined if the header is damaged. Throws errors of the system. */
export async function chainBefore(files: JournalFiles, segment: string): Promise<string | undefined> {
  const bytes = await files.read(segmentFile(segment), 0, MOST_HEADER_BYTES);
  return readHeader(bytes).header?.previous;
}

/** Returns the hash that the next segment has to name. Throws errors of the system. */
export async function chainBehind(files: JournalFiles, segment: string): Promise<string> {
  const bytes = await files.read(segmentFile(segment), 0, await files.size(segmentFile(segment)));
  return endOfSegment(segment, bytes)?.chain ?? CHAIN_START;
}
