import { readdirSync } from 'node:fs';
import { readIndexFile, writeIndexFile, type StoredIndex } from './index-file';
import type { JournalView } from './journal-view';
import {
  indexSegment,
  type BlockIndex,
  type IndexSegmentDependencies,
  type SegmentDamage,
  type SegmentIndex,
} from './segment-index';
import { parseSegmentFile } from './segment-name';

/** The times of a segment's events. */
export interface SegmentTimes {
  readonly segment: string;
  readonly least?: string;
  readonly greatest?: string;
}

export interface SegmentIndexesDependencies extends IndexSegmentDependencies {
  readonly directory: string;
  /** Called again for damage that was reported before. */
  readonly onDamage: (segment: string, damage: SegmentDamage) => void;
}

/** Number of closed segments whose blocks are kept in memory; those of others are read from their files again. */
const MOST_KEPT = 256;

/** File state and times of a closed segment. */
type Closed = Pick<StoredIndex, 'state'> & { readonly times: SegmentTimes };

/**
 * The indexes of all segments. They are kept in memory and, for closed segments, in a file beside each, which is used only if the
 * segment was not written since; otherwise the segment is indexed again.
 */
export class SegmentIndexes {
  private open: SegmentIndex | undefined;
  private readonly closed = new Map<string, Closed>();
  private readonly kept = new Map<string, SegmentIndex>();
  private names: { readonly of: string; readonly segments: readonly string[] } | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: SegmentIndexesDependencies) {}

  /** Returns the times of all segments of a view, by their names. Throws errors of the system. */
  async timesOf(view: JournalView): Promise<readonly SegmentTimes[]> {
    return this.oneAtATime(async () => {
      const all: SegmentTimes[] = [];
      for (const segment of this.segmentsOf(view)) {
        const times = await this.unlessGone(segment, () => this.look(segment, view));
        if (times !== undefined) all.push(times);
      }
      return all;
    });
  }

  /** Returns the blocks of a segment that {@link timesOf} named; none if retention has deleted it. */
  async blocksOf(segment: string): Promise<readonly BlockIndex[]> {
    if (segment === this.open?.segment) return this.open.blocks;
    const index = await this.oneAtATime(() => this.unlessGone(segment, () => this.closedIndex(segment)));
    return index?.blocks ?? [];
  }

  /** Returns the block's bytes, valid until the next turn; undefined if retention has deleted its segment. */
  read(segment: string, { offset, bytes }: BlockIndex): Buffer | undefined {
    try {
      return this.deps.files.read(segment, offset, bytes);
    } catch (thrown) {
      if (this.isGone(segment, thrown)) return undefined;
      throw thrown;
    }
  }

  /** Indexes a closed segment from its beginning, even if it is indexed, and keeps the result. */
  async verify(segment: string): Promise<SegmentIndex | undefined> {
    return this.unlessGone(segment, async () => {
      const state = this.deps.files.state(segment);
      const index = await indexSegment(this.deps, segment, undefined, state.bytes);
      this.keep({ index, state });
      return index;
    });
  }

  /** Indexes a segment again after damage was found that its index does not have. */
  async distrust(segment: string): Promise<void> {
    if (this.open?.segment === segment) this.open = undefined;
    else await this.verify(segment);
  }

  /** Returns the segments of a view, oldest first. */
  segmentsOf({ end, hasTakenOver }: JournalView): readonly string[] {
    const of = `${end?.segment ?? ''} ${hasTakenOver}`;
    if (this.names?.of !== of) {
      const segments = readdirSync(this.deps.directory)
        .map(parseSegmentFile)
        .filter((name) => name !== undefined)
        .filter(({ segment, part }) => (part === 0 ? hasTakenOver : end !== undefined && segment <= end.segment))
        .map(({ segment }) => segment)
        .sort();
      this.names = { of, segments };
      const known = new Set(segments);
      for (const segment of this.closed.keys()) if (!known.has(segment)) this.forget(segment);
    }
    return this.names.segments;
  }

  private async look(segment: string, { end }: JournalView): Promise<SegmentTimes> {
    if (end?.segment === segment) {
      // A view made earlier has at most what a later view has.
      if (this.open?.segment === segment && this.open.bytes >= end.bytes) return this.open;
      const known = this.open?.segment === segment ? this.open : undefined;
      const index = await indexSegment(this.deps, segment, known, end.bytes);
      this.tell(index, known);
      this.open = index;
      return index;
    }
    return this.closed.get(segment)?.times ?? (await this.closedIndex(segment));
  }

  private async closedIndex(segment: string): Promise<SegmentIndex> {
    const state = this.deps.files.state(segment);
    const isSame = (one: StoredIndex['state'] | undefined): boolean =>
      one?.bytes === state.bytes && one.changedAt === state.changedAt;
    if (isSame(this.closed.get(segment)?.state)) {
      const kept = this.kept.get(segment);
      if (kept !== undefined) return kept;
    }
    const stored = readIndexFile(this.deps.directory, segment);
    if (isSame(stored?.state) && stored !== undefined) return this.keep(stored, true);
    const known = this.open?.segment === segment ? this.open : undefined;
    const index = await indexSegment(this.deps, segment, known, state.bytes);
    return this.keep({ index, state });
  }

  private keep(stored: StoredIndex, isWritten = false): SegmentIndex {
    const { index, state } = stored;
    const { segment, least, greatest } = index;
    if (!isWritten) writeIndexFile(this.deps.directory, stored);
    this.tell(index, undefined);
    if (this.open?.segment === segment) this.open = undefined;
    this.closed.set(segment, {
      state,
      times: { segment, ...(least !== undefined && greatest !== undefined && { least, greatest }) },
    });
    this.kept.delete(segment);
    this.kept.set(segment, index);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST_KEPT) break;
      this.kept.delete(oldest);
    }
    return index;
  }

  private tell(index: SegmentIndex, known: SegmentIndex | undefined): void {
    for (const damage of index.damage.slice(known?.damage.length ?? 0)) this.deps.onDamage(index.segment, damage);
  }

  private forget(segment: string): void {
    this.closed.delete(segment);
    this.kept.delete(segment);
  }

  private async unlessGone<T>(segment: string, use: () => Promise<T>): Promise<T | undefined> {
    try {
      return await use();
    } catch (thrown) {
      if (this.isGone(segment, thrown)) return undefined;
      throw thrown;
    }
  }

  /** Whether retention has deleted the file: it is missing in a directory that can be read. */
  private isGone(segment: string, thrown: unknown): boolean {
    if ((thrown as { code?: unknown }).code !== 'ENOENT') return false;
    this.names = undefined;
    const isThere = readdirSync(this.deps.directory).some((file) => parseSegmentFile(file)?.segment === segment);
    if (!isThere) this.forget(segment);
    return !isThere;
  }

  /** Prevents concurrent indexing of a segment. */
  private async oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work, work);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}
