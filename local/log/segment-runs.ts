import { createHash, type Hash } from 'node:crypto';
import { endOfLastTrailer } from '../journal/block-groups';
import type { FileState, SegmentBytes } from '../journal/segment-bytes';
import { visitLines } from './archived-lines';

/** Whole groups of one segment that follow each other: an object of the archive. */
export interface Run {
  readonly segment: string;
  /** Range in the file. */
  readonly start: number;
  readonly end: number;
  /** SHA-256 of its lines with a nonce, in hexadecimal, and their length; header and trailers are no part of them. */
  readonly sha256: string;
  readonly bytes: number;
  /** Length of its lines without a nonce. */
  readonly older: number;
}

/** A run ends with the group with which it has this many bytes of lines. Never changed: the publisher's decisions name runs. */
const RUN_BYTES = 1_048_576;

interface Growing {
  start: number;
  end: number;
  readonly hash: Hash;
  bytes: number;
  older: number;
}

interface Known {
  readonly runs: Run[];
  growing: Growing;
  /** Undefined while the segment is written. */
  state?: FileState;
}

const begin = (start: number): Growing => ({ start, end: start, hash: createHash('sha256'), bytes: 0, older: 0 });

/**
 * The runs of segments. Those of a segment that grows stay what they are, but for the last one, which ends where the segment ends.
 * Hashes are kept in memory, for as long as the file was not written since. All methods throw errors of the system.
 */
export class SegmentRuns {
  private readonly known = new Map<string, Known>();

  /** @param turn awaited between blocks, so that others can run */
  constructor(
    private readonly files: SegmentBytes,
    private readonly turn: () => Promise<void>,
  ) {}

  /** @param end readable length of the segment that is written; undefined for a closed one */
  async of(segment: string, end: number | undefined): Promise<readonly Run[]> {
    const state = end === undefined ? this.files.state(segment) : undefined;
    let known = this.known.get(segment);
    const isOther = known?.state !== undefined && (state === undefined || !isSame(known.state, state));
    if (known === undefined || isOther || known.growing.end > (end ?? Infinity)) {
      known = { runs: [], growing: begin(0) };
      this.known.set(segment, known);
    }
    if (state === undefined || known.state === undefined) {
      const from = known.growing.end;
      for (const { block, offset } of this.blocks(segment, from, end ?? state?.bytes ?? 0)) {
        this.take(segment, known, block, offset);
        await this.turn();
      }
      if (state !== undefined) known.state = state;
    }
    return known.growing.end > known.growing.start ? [...known.runs, runOf(segment, known.growing)] : known.runs;
  }

  /** Forgets segments that are gone. */
  keep(segments: readonly string[]): void {
    const there = new Set(segments);
    for (const segment of this.known.keys()) if (!there.has(segment)) this.known.delete(segment);
  }

  /** Returns a range's lines with a nonce. */
  lines({ segment, start, end }: Pick<Run, 'segment' | 'start' | 'end'>): Buffer {
    const block = this.files.read(segment, start, end - start);
    const parts: Buffer[] = [];
    visitLines(block, {
      lines: (from, to) => void parts.push(block.subarray(from, to)),
      older: () => undefined,
      boundary: () => undefined,
    });
    return Buffer.concat(parts);
  }

  /** Returns a range's lines without a nonce, each without its line feed. */
  olderLines({ segment, start, end }: Pick<Run, 'segment' | 'start' | 'end'>): readonly string[] {
    const block = this.files.read(segment, start, end - start);
    const lines: string[] = [];
    visitLines(block, {
      lines: () => undefined,
      older: (from, to) => void lines.push(block.toString('utf8', from, to)),
      boundary: () => undefined,
    });
    return lines;
  }

  /** Finds the beginning of a run that has a hash: what the run was before the segment grew. */
  beginningOf({ segment, start, end }: Run, sha256: string): Pick<Run, 'segment' | 'start' | 'end'> | undefined {
    const block = this.files.read(segment, start, end - start);
    const hash = createHash('sha256');
    let found: number | undefined;
    visitLines(block, {
      lines: (from, to) => void hash.update(block.subarray(from, to)),
      older: () => undefined,
      boundary: (at) => {
        if (found === undefined && hash.copy().digest('hex') === sha256) found = at;
      },
    });
    return found === undefined ? undefined : { segment, start, end: start + found };
  }

  private take(segment: string, known: Known, block: Buffer, offset: number): void {
    visitLines(block, {
      lines: (from, to) => {
        known.growing.hash.update(block.subarray(from, to));
        known.growing.bytes += to - from;
      },
      older: (from, to) => {
        known.growing.older += to - from;
      },
      boundary: (end) => {
        known.growing.end = offset + end;
        if (known.growing.bytes + known.growing.older < RUN_BYTES) return;
        known.runs.push(runOf(segment, known.growing));
        known.growing = begin(offset + end);
      },
    });
    // Damage may have taken the last trailer.
    known.growing.end = offset + block.length;
  }

  /** Whole groups; what has no trailer is in the last block. */
  private *blocks(segment: string, from: number, to: number): Generator<{ block: Buffer; offset: number }> {
    let wanted = RUN_BYTES;
    for (let offset = from; offset < to;) {
      const block = this.files.read(segment, offset, Math.min(wanted, to - offset));
      const isLast = offset + block.length >= to || block.length === 0;
      const length = isLast ? block.length : endOfLastTrailer(block);
      if (length === undefined) {
        wanted *= 2;
        continue;
      }
      yield { block: block.subarray(0, length), offset };
      if (block.length === 0) return;
      offset += length;
      wanted = RUN_BYTES;
    }
  }
}

const isSame = (a: FileState, b: FileState): boolean => a.bytes === b.bytes && a.changedAt === b.changedAt;

const runOf = (segment: string, { start, end, hash, bytes, older }: Growing): Run => ({
  segment,
  start,
  end,
  sha256: hash.copy().digest('hex'),
  bytes,
  older,
});
