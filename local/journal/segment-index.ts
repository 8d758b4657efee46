import { endOfLastTrailer, eachLine, groupsIn, type BlockGroup } from './block-groups';
import { parseEventLine } from './event-line';
import { placeOfLine } from './event-place';
import { isTrailerLine, parseHeader } from './journal-format';
import type { SegmentBytes } from './segment-bytes';

/** A run of whole groups that is read at once. */
export interface BlockIndex {
  readonly offset: number;
  readonly bytes: number;
  /** The times of its oldest and its newest event; both are missing where it has none. */
  readonly least?: string;
  readonly greatest?: string;
  /** Whether something in it is not as the journal writes it: each of its lines has to be read to be found. */
  readonly isSuspect: boolean;
}

/** Something in a segment that is not as it was written. */
export interface SegmentDamage {
  /** Where it begins, in bytes, and how many they are; 0 where only the chain is broken there. */
  readonly offset: number;
  readonly bytes: number;
  /** How many of its lines cannot be read. */
  readonly unreadable: number;
}

/** Where in a segment which times are. Derived from the segment alone. */
export interface SegmentIndex {
  readonly segment: string;
  /** How far the segment has been looked at. */
  readonly bytes: number;
  readonly blocks: readonly BlockIndex[];
  readonly least?: string;
  readonly greatest?: string;
  /** The hash before its first group, as its header says, and that of its last group; undefined where damage hides it. */
  readonly previous?: string;
  readonly hash?: string;
  /** The hash before its last block. */
  readonly hashBeforeLast?: string;
  readonly damage: readonly SegmentDamage[];
}

/** So much suits: a block is at least as long, but at the end. */
export const BLOCK_BYTES = 262_144;
const MOST_HEADER_BYTES = 1_024;

export interface IndexSegmentDependencies {
  readonly files: SegmentBytes;
  readonly blockBytes: number;
  /** Awaited between blocks, so that others have their turn. */
  readonly turn: () => Promise<void>;
}

/**
 * Looks at a segment, or at what has come to it since; every group is verified.
 *
 * @param known what is known already; undefined: nothing
 * @param end how far the segment may be read: the end of a group
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
  const lineEnd = bytes.indexOf('\n');
  const header = lineEnd < 0 ? undefined : parseHeader(bytes.toString('utf8', 0, lineEnd));
  const nothing = { segment, bytes: 0, blocks: [] };
  if (header?.segment === segment) {
    return { ...nothing, bytes: lineEnd + 1, previous: header.previous, hash: header.previous, damage: [] };
  }
  const length = lineEnd < 0 ? 0 : lineEnd + 1;
  // A first line that is an event, or cannot be told from one, is looked at with the rest.
  const isHeader = header !== undefined || bytes.subarray(0, length).includes('"journal"');
  return { ...nothing, bytes: isHeader ? length : 0, damage: [{ offset: 0, bytes: length, unreadable: 0 }] };
}

/** So that an index which grows with every second does not become one block a second. */
function withoutSmallBlock(index: SegmentIndex, smallBytes: number): SegmentIndex {
  const last = index.blocks.at(-1);
  // Damage would be found twice.
  if (last === undefined || last.bytes > smallBytes || last.isSuspect) return index;
  const { hash: _, hashBeforeLast, ...rest } = index;
  return {
    ...rest,
    bytes: last.offset,
    blocks: index.blocks.slice(0, -1),
    ...(hashBeforeLast !== undefined && { hash: hashBeforeLast }),
  };
}

/** What follows what is known, to the end of a group; as long as it has to be. */
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

/** @param end where the segment ends; a block that ends before it without a group has all that is left */
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

/** Of the events of a group; whether a line is not as the journal writes it, and how many cannot be read at all. */
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

/** Whether one segment's chain goes on in another; true where damage hides it, which is reported by itself. */
export const follows = (index: SegmentIndex, before: SegmentIndex): boolean =>
  index.previous === undefined || before.hash === undefined || index.previous === before.hash;
