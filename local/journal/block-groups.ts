import { hashOfTrailer, LINE_FEED, parseTrailer, sha256 } from './journal-format';

/** Part of a block: the lines of one group, or the lines between intact groups. */
export interface BlockGroup {
  /** Range of its lines in the block; the trailer of an intact group follows the range. */
  readonly start: number;
  readonly end: number;
  readonly isIntact: boolean;
  /** Hash of the previous group, from the trailer; undefined if the group is not intact. */
  readonly previous?: string;
  /** Hash of the group's own trailer; undefined if the group is not intact. */
  readonly hash?: string;
}

const TRAILER_START = Buffer.from('\n{"count":');

/**
 * Splits whole lines into groups, in order. Lines that no trailer proves become one group that is not intact; they may be lines
 * of several groups, trailers included.
 */
export function* groupsIn(block: Buffer): Generator<BlockGroup> {
  let start = 0;
  for (const { at, end } of trailersIn(block)) {
    const line = block.toString('utf8', at, end);
    const trailer = parseTrailer(line);
    if (trailer === undefined) continue;
    const first = at - trailer.bytes;
    // A damaged line feed before the group does not affect what its hash proves.
    if (first < start) continue;
    const lines = block.subarray(first, at);
    if (sha256(lines) !== trailer.sha256 || countLines(lines) !== trailer.count) continue;
    if (first > start) yield { start, end: first, isIntact: false };
    yield { start: first, end: at, isIntact: true, previous: trailer.previous, hash: hashOfTrailer(line) };
    start = end + 1;
  }
  if (start < block.length) yield { start, end: block.length, isIntact: false };
}

/** Start of a trailer's line, and position of its line feed. */
interface TrailerPlace {
  readonly at: number;
  readonly end: number;
}

function* trailersIn(block: Buffer): Generator<TrailerPlace> {
  // A first line has no line feed before it; only a damaged block begins with a trailer.
  for (let found = block.indexOf(TRAILER_START); found >= 0; found = block.indexOf(TRAILER_START, found + 1)) {
    const end = block.indexOf(LINE_FEED, found + 1);
    if (end < 0) return;
    yield { at: found + 1, end };
  }
}

/** Returns the end of the last whole trailer line, its line feed included; undefined if there is none. */
export function endOfLastTrailer(bytes: Buffer): number | undefined {
  for (let from = bytes.length; from >= 0;) {
    const found = bytes.lastIndexOf(TRAILER_START, from);
    if (found < 0) return undefined;
    const end = bytes.indexOf(LINE_FEED, found + 1);
    if (end >= 0) return end + 1;
    from = found - 1;
  }
  return undefined;
}

function countLines(lines: Buffer): number {
  let count = 0;
  for (let at = lines.indexOf(LINE_FEED); at >= 0; at = lines.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}

/** Calls `visit` with the start and the line feed's position of each line; a last line without one ends with the part. */
export function eachLine(block: Buffer, start: number, end: number, visit: (at: number, end: number) => void): void {
  for (let at = start; at < end;) {
    const found = block.indexOf(LINE_FEED, at);
    const stop = found < 0 || found > end ? end : found;
    visit(at, stop);
    at = stop + 1;
  }
}
