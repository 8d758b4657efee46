import { AUDIT_QUERY_BUDGET_MS } from '../../lambdas/core/contract/protocol-times';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { AuditPage, AuditPosition, AuditQuery } from '../../lambdas/core/audit/ports/audit-log';
import { filterOf } from './event-filter';
import { placeKey } from './event-place';
import type { JournalView } from './journal-view';
import { searchBlock, type FoundEvent } from './search-block';
import type { BlockIndex } from './segment-index';
import type { SegmentIndexes, SegmentTimes } from './segment-indexes';

export interface QueryJournalDependencies {
  readonly indexes: SegmentIndexes;
  readonly clock: Pick<Clock, 'now'>;
  /** Awaited between blocks, so that other searches can run. */
  readonly turn: () => Promise<void>;
}

/** The lowest id: no event is older than it in the same millisecond. */
const LOWEST_ID = '0'.repeat(32);
/** Sorts after every id. */
const AFTER_IDS = '~';

/** A segment or block that is not read yet, with the time of its newest event. */
interface Unread {
  readonly newest: string;
  readonly segment: string;
  readonly block?: BlockIndex;
}

/**
 * Reads a page of the journal, newest first. It always reads next the part that may have the newest unread event, so that
 * segments and blocks whose times overlap, as after a clock was set back, are in order too.
 *
 * Stops with a cursor when its time is up, but not before it has advanced. Throws errors of the system.
 */
export async function queryJournal(
  { indexes, clock, turn }: QueryJournalDependencies,
  view: JournalView,
  query: AuditQuery,
): Promise<AuditPage> {
  const deadline = clock.now() + AUDIT_QUERY_BUDGET_MS;
  const { last, beforeKey } = beginningOf(query);
  const { from, limit } = query;
  if (last < from) return { events: [] };
  const search = { filter: filterOf(query), from, beforeKey, most: limit + 1 };
  const unread = new Unreads(from, last);
  for (const times of await indexes.timesOf(view)) unread.add(times);
  let found: readonly FoundEvent[] = [];
  for (let next = unread.newest; next !== undefined; next = unread.newest) {
    const lowest = found[limit - 1]?.event.timestamp;
    if (lowest !== undefined && lowest > next) break;
    if (clock.now() >= deadline && next < last) return endOf(found, limit, next);
    const { segment, block } = unread.take();
    if (block === undefined) {
      for (const each of await indexes.blocksOf(segment)) unread.add({ segment, ...timesOf(each) }, each);
    } else {
      const bytes = indexes.read(segment, block);
      if (bytes !== undefined) {
        const { events, isDamaged } = searchBlock(bytes, block.isSuspect, search);
        if (events.length > 0) found = merge(found, events, limit + 1);
        if (isDamaged && !block.isSuspect) await indexes.distrust(segment);
      }
    }
    await turn();
  }
  return endOf(found, limit, unread.newest);
}

/** Unread parts, by the time of their newest possible event. */
class Unreads {
  /** Newest last. */
  private readonly all: Unread[] = [];
  private isSorted = true;

  constructor(
    private readonly from: string,
    private readonly last: string,
  ) {}

  add({ segment, least, greatest }: SegmentTimes, block?: BlockIndex): void {
    if (least === undefined || greatest === undefined || least > this.last || greatest < this.from) return;
    const newest = greatest < this.last ? greatest : this.last;
    this.all.push({ segment, newest, ...(block !== undefined && { block }) });
    this.isSorted = false;
  }

  get newest(): string | undefined {
    if (!this.isSorted) {
      this.all.sort((a, b) => (a.newest < b.newest ? -1 : a.newest > b.newest ? 1 : 0));
      this.isSorted = true;
    }
    return this.all.at(-1)?.newest;
  }

  take(): Unread {
    return this.all.pop() as Unread;
  }
}

const timesOf = ({ least, greatest }: BlockIndex) =>
  least === undefined || greatest === undefined ? {} : { least, greatest };

/** Merges two lists, newest first, without duplicates, which repeated appends leave. An intact event replaces a damaged one. */
function merge(a: readonly FoundEvent[], b: readonly FoundEvent[], most: number): readonly FoundEvent[] {
  const all = [...a, ...b].sort((one, other) => (one.key < other.key ? 1 : one.key > other.key ? -1 : 0));
  const kept: FoundEvent[] = [];
  for (const each of all) {
    const before = kept.at(-1);
    if (before?.key !== each.key) kept.push(each);
    else if (before.event.damaged === true) kept[kept.length - 1] = each;
  }
  return kept.slice(0, most);
}

/** Returns the newest time to read, and the key that older events sort before. */
function beginningOf({ to, before }: AuditQuery): { last: string; beforeKey: string } {
  if (before === undefined || before.timestamp > to) return { last: to, beforeKey: `${to}#${AFTER_IDS}` };
  // That millisecond has no older event, and a page whose time is up would end where it began.
  const last = before.id <= LOWEST_ID ? millisecondsAfter(before.timestamp, -1) : before.timestamp;
  return { last, beforeKey: placeKey(before) };
}

/** @param unread the newest time that an unread part may have */
function endOf(found: readonly FoundEvent[], limit: number, unread: string | undefined): AuditPage {
  const page = found.slice(0, limit);
  const last = page.at(-1)?.event;
  if (last !== undefined && page.length === limit && (unread === undefined || last.timestamp > unread)) {
    const events = page.map(({ event }) => event);
    const isMore = unread !== undefined || found.length > limit;
    return isMore ? { events, next: { timestamp: last.timestamp, id: last.id } } : { events };
  }
  const events = page.map(({ event }) => event);
  if (unread === undefined) return { events };
  const next: AuditPosition = { timestamp: millisecondsAfter(unread, 1), id: LOWEST_ID };
  return { events: events.filter(({ timestamp }) => timestamp > unread), next };
}

const millisecondsAfter = (timestamp: string, ms: number): string => new Date(Date.parse(timestamp) + ms).toISOString();
