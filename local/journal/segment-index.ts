import { endOfLastTrailer, eachLine, groupsIn, type BlockGroup } from './block-groups';
import { parseEventLine } from './event-line';
import { placeOfLine } from './event-place';
import { isTrailerLine, MOST_HEADER_BYTES, readHeader } from './journal-format';
import type { SegmentBytes } from './segment-bytes';

/** A run of whole groups that is read at once. */
export interface BlockIndex {
  readonly offset: number;
  readonly bytes: number;
  /** Times of its oldest and newest event; both are missing if it has none. */
  readonly least?: string;
  readonly greatest?: string;
  /** Whether a part of it is not as the journal writes it: then every line has to be parsed. */
  readonly isSuspect: boolean;
}

/** A part of a segment that is not as it was written. */
export interface SegmentDamage {
  /** Start and length in bytes; the length is 0 if only the chain is broken there. */
  readonly offset: number;
  readonly bytes: number;
  /** Number of its unreadable lines. */
  readonly unreadable: number;
}

/** The times of a segment's blocks. Derived from the segment alone. */
export interface SegmentIndex {
  readonly segment: string;
  /** Length of the indexed part. */
  readonly bytes: number;
  readonly blocks: readonly BlockIndex[];
  readonly least?: string;
  readonly greatest?: string;
  /** Hash before the first group, from the header, and hash of the last group; undefined if damage hides it. */
  readonly previous?: string;
  readonly hash?: string;
  /** Hash before the last block. */
  readonly hashBeforeLast?: string;
  readonly damage: readonly SegmentDamage[];
}

/** Minimum length of a block, except for the last one. */
export const BLOCK_BYTES = 262_144;

export interface IndexSegmentDependencies {
  readonly files: SegmentBytes;
  readonly blockBytes: number;
  /** Awaited between blocks, so that others can run. */
  readonly turn: () => Promise<void>;
}

/**
 * Indexes a segment, or what was added to it; every group is verified.
 *
 * @param known existing index; undefined: none
 * @param end readable length of the segment: the end of a group
 */
export async function indexSegment(
  { files, blockBytes, turn }: IndexSegmentDependencies,
  segment: string,
  known: SegmentIndex | undefined,
  end: number,
): Promise<SegmentIndex> {
  let index = known === undefined ? indexHeader(files, segment, end) : withoutSmallBlock(known, blockBytes / 2);
  while (index.bytes < end) {
    index = withBlock(index, readBlock(files, index, end, blockBytes), end);
    await turn();
  }
  return index;
}

function indexHeader(files: SegmentBytes, segment: string, end: number): SegmentIndex {
  const bytes = files.read(segment, 0, Math.min(end, MOST_HEADER_BYTES));
  const { header, end: length } = readHeader(bytes);
  const nothing = { segment, bytes: 0, blocks: [] };
  if (header?.segment === segment) {
    return { ...nothing, bytes: length, previous: header.previous, hash: header.previous, damage: [] };
  }
  // A first line that is, or may be, an event is read with the rest.
  const isHeader = header !== undefined || bytes.subarray(0, length).includes('"journal"');
  return { ...nothing, bytes: isHeader ? length : 0, damage: [{ offset: 0, bytes: length, unreadable: 0 }] };
}

/** Drops a small last block, so that an index that is extended every second does not get one block per second. */
function withoutSmallBlock(index: SegmentIndex, smallBytes: number): SegmentIndex {
  const last = index.blocks.at(-1);
  // Damage would be reported twice.
  if (last === undefined || last.bytes > smallBytes || last.isSuspect) return index;
  const { hash: _, hashBeforeLast, ...rest } = index;
  return {
    ...rest,
    bytes: last.offset,
    blocks: index.blocks.slice(0, -1),
    ...(hashBeforeLast !== undefined && { hash: hashBeforeLast }),
  };
}

/** Reads the next block up to the end of a group, as long as needed. */
function readBlock(files: SegmentBytes, known: SegmentIndex, end: number, blockBytes: number): Buffer {
  const { segment, bytes: offset } = known;
  for (let bytes = blockBytes; ; bytes *= 2) {
    const wanted = Math.min(bytes, end - offset);
    const block = files.read(segment, offset, wanted);
    if (offset + wanted === end || block.length < wanted) return block;
    const length = endOfLastTrailer(block);
    if (length !== undefined) return block.subarray(0, length);
  }
}

/** @param end length of the segment; a block that ends before it without a group has all remaining bytes */
function withBlock(index: SegmentIndex, block: Buffer, end: number): SegmentIndex {
  const { bytes: offset } = index;
  const damage: SegmentDamage[] = [];
  let { hash } = index;
  let isSuspect = false;
  let least: string | undefined;
  let greatest: string | undefined;
  const note = (timestamp: string): void => {
    if (least === undefined || timestamp < least) least = timestamp;
    if (greatest === undefined || timestamp > greatest) greatest = timestamp;
  };
  for (const group of groupsIn(block)) {
    const { isOdd, unreadable } = noteTimes(block, group, note);
    if (isOdd || !group.isIntact) isSuspect = true;
    if (!group.isIntact || unreadable > 0) {
      damage.push({ offset: offset + group.start, bytes: group.end - group.start, unreadable });
    } else if (hash !== undefined && group.previous !== hash) {
      damage.push({ offset: offset + group.start, bytes: 0, unreadable: 0 });
    }
    ({ hash } = group);
  }
  const isCutOff = block.length === 0 || (offset + block.length < end && endOfLastTrailer(block) !== block.length);
  if (isCutOff) damage.push({ offset: offset + block.length, bytes: 0, unreadable: 0 });
  const times = least === undefined || greatest === undefined ? {} : { least, greatest };
  const { hash: hashBeforeLast, hashBeforeLast: _, ...rest } = index;
  return {
    ...rest,
    ...spread(index, times),
    bytes: isCutOff ? end : offset + block.length,
    blocks: [...index.blocks, { offset, bytes: block.length, ...times, isSuspect: isSuspect || isCutOff }],
    ...(hash !== undefined && { hash }),
    ...(hashBeforeLast !== undefined && { hashBeforeLast }),
    damage: [...index.damage, ...damage],
  };
}

interface Times {
  readonly least?: string;
  readonly greatest?: string;
}

function spread(a: Times, b: Times): Times {
  if (a.least === undefined || a.greatest === undefined) return b;
  if (b.least === undefined || b.greatest === undefined) return a;
  return {
    least: a.least < b.least ? a.least : b.least,
    greatest: a.greatest > b.greatest ? a.greatest : b.greatest,
  };
}

/** Notes the times of a group's events, whether a line is not as the journal writes it, and the number of unreadable lines. */
function noteTimes(
  block: Buffer,
  group: BlockGroup,
  note: (timestamp: string) => void,
): { isOdd: boolean; unreadable: number } {
  let isOdd = false;
  let unreadable = 0;
  eachLine(block, group.start, group.end, (at, end) => {
    const place = placeOfLine(block, at);
    if (place !== undefined && group.isIntact) {
      note(place.timestamp);
      return;
    }
    isOdd = true;
    if (isTrailerLine(block.subarray(at, end))) return;
    const event = parseEventLine(block.toString('utf8', at, end));
    if (event === undefined) unreadable += 1;
    else note(event.timestamp);
  });
  return { isOdd, unreadable };
}

/** Whether a segment continues the chain of another; true if damage hides it, which is reported separately. */
export const follows = (index: SegmentIndex, before: SegmentIndex): boolean =>
  index.previous === undefined || before.hash === undefined || index.previous === before.hash;
