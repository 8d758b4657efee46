import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditPage, AuditQuery } from '../../lambdas/core/audit/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import { findOpenIntents, type IntentSearch, type OpenChanges } from './find-open-intents';
import type { JournalView } from './journal-view';
import { queryJournal } from './query-journal';
import { SegmentBytes } from './segment-bytes';
import { BLOCK_BYTES, follows, type SegmentDamage, type SegmentIndex } from './segment-index';
import { SegmentIndexes } from './segment-indexes';
import { parseSegmentFile, segmentFile } from './segment-name';

/** A request to a journal. */
export type JournalSearch =
  | { readonly kind: 'query'; readonly query: AuditQuery }
  | { readonly kind: 'intents'; readonly search: IntentSearch }
  /** Time of a segment's newest event. */
  | { readonly kind: 'greatest'; readonly segment: string }
  /** Indexes new events, so that the next search need not. */
  | { readonly kind: 'look' };

/** The answers, by kind of search. */
export interface JournalAnswers {
  readonly query: AuditPage;
  readonly intents: OpenChanges;
  readonly greatest: string | undefined;
  readonly look: undefined;
}

export type AnyAnswer = JournalAnswers[JournalSearch['kind']];

export interface JournalSearchesOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** Called once per place. */
  readonly onDamage: (segment: string, damage: SegmentDamage) => void;
  /** Minimum of bytes that are read at once. Left out: the default. */
  readonly blockBytes?: number;
}

/** The verification pauses this many times as long as it works, for others to use disk and processor. */
const VERIFY_PAUSE = 15;

/** Searches a journal in this thread. Searches run concurrently: a long one yields after each block. */
export class JournalSearches {
  private readonly files: SegmentBytes;
  private readonly indexes: SegmentIndexes;
  private readonly told = new Set<string>();
  private underWay = 0;

  constructor(private readonly options: JournalSearchesOptions) {
    this.files = new SegmentBytes(options.directory);
    this.indexes = new SegmentIndexes({
      directory: options.directory,
      files: this.files,
      blockBytes: options.blockBytes ?? BLOCK_BYTES,
      turn: () => nextTurn(),
      onDamage: (segment, damage) => {
        this.tellOnce(segment, damage);
      },
    });
  }

  /** Throws errors of the system. */
  async search(view: JournalView, search: JournalSearch): Promise<AnyAnswer> {
    this.underWay += 1;
    try {
      return await this.answer(view, search);
    } finally {
      this.underWay -= 1;
      if (this.underWay === 0) this.files.trim(4 * BLOCK_BYTES);
    }
  }

  /**
   * Reads every closed segment of a view once, slowly, even if it is indexed: changes by a failing disk are reported, and later
   * searches still find those events.
   *
   * @param mayGoOn called before each segment
   */
  async verify(view: JournalView, mayGoOn: () => boolean = () => true): Promise<void> {
    const { clock } = this.options;
    const before = new Map<boolean, SegmentIndex>();
    for (const segment of this.indexes.segmentsOf(view)) {
      if (segment === view.end?.segment || !mayGoOn()) continue;
      const startedAt = clock.now();
      const index = await this.indexes.verify(segment);
      if (index !== undefined) {
        const isTakenOver = parseSegmentFile(segmentFile(segment))?.part === 0;
        const last = before.get(isTakenOver);
        if (last !== undefined && !follows(index, last)) this.tellOnce(segment, { offset: 0, bytes: 0, unreadable: 0 });
        before.set(isTakenOver, index);
      }
      await clock.sleep(VERIFY_PAUSE * Math.max(1, clock.now() - startedAt));
    }
  }

  private async answer(view: JournalView, search: JournalSearch): Promise<AnyAnswer> {
    const deps = { indexes: this.indexes, clock: this.options.clock, turn: () => nextTurn() };
    switch (search.kind) {
      case 'query':
        return queryJournal(deps, view, search.query);
      case 'intents':
        return findOpenIntents(deps, view, search.search);
      case 'greatest': {
        const all = await this.indexes.timesOf(view);
        return all.find(({ segment }) => segment === search.segment)?.greatest;
      }
      case 'look':
        await this.indexes.timesOf(view);
        return undefined;
    }
  }

  private tellOnce(segment: string, damage: SegmentDamage): void {
    const place = `${segment} ${damage.offset}`;
    if (this.told.has(place)) return;
    this.told.add(place);
    this.options.onDamage(segment, damage);
  }
}
