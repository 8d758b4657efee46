import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { eachLine, groupsIn } from './block-groups';
import type { EventFilter } from './event-filter';
import { parseEventLine } from './event-line';
import { placeKey, placeOfLine } from './event-place';

/** What is looked for in a block: events by their filter, from one time to a place. */
export interface BlockSearch {
  readonly filter: EventFilter;
  /** Inclusive. */
  readonly from: string;
  /** Only what is older than this key of a place. */
  readonly beforeKey: string;
  /** So many of the newest are enough. */
  readonly most: number;
}

/** An event, and its place as a key. */
export interface FoundEvent {
  readonly key: string;
  readonly event: AuditEvent;
}

/** What a block has, the newest first. */
export interface FoundInBlock {
  readonly events: readonly FoundEvent[];
  /** True where a group that was looked at is not as it was written. */
  readonly isDamaged: boolean;
}

const NOTHING: FoundInBlock = { events: [], isDamaged: false };

/**
 * Looks for events in a block. Its bytes are searched before anything is parsed, and the groups of a block that has something are
 * verified; where one is not as it was written, every line of the block is read, and what is left of its events is `damaged`.
 *
 * @param isSuspect whether the bytes cannot be searched because something in them is known not to be as it was written
 */
export function searchBlock(block: Buffer, isSuspect: boolean, search: BlockSearch): FoundInBlock {
  if (isSuspect) return readAll(block, search);
  const lines = candidatesIn(block, search);
  if (lines.length === 0) return NOTHING;
  for (const group of groupsIn(block)) if (!group.isIntact) return readAll(block, search);
  lines.sort((a, b) => (a.key < b.key ? 1 : -1));
  const events: FoundEvent[] = [];
  for (const { key, at, end } of lines) {
    if (events.length === search.most) break;
    const event = parseEventLine(block.toString('utf8', at, end));
    if (event !== undefined && search.filter.matches(event)) events.push({ key, event });
  }
  return { events, isDamaged: false };
}

interface Candidate {
  readonly key: string;
  readonly at: number;
  readonly end: number;
}

function candidatesIn(block: Buffer, search: BlockSearch): Candidate[] {
  const lists = rarestFirst(block, search.filter.needles);
  if (lists === undefined) return [];
  const [first, ...others] = lists;
  const found: Candidate[] = [];
  const take = (at: number, end: number): void => {
    const place = placeOfLine(block, at);
    if (place === undefined) return;
    const key = placeKey(place);
    if (place.timestamp < search.from || key >= search.beforeKey) return;
    if (others.length > 0) {
      const line = block.subarray(at, end);
      if (!others.every((list) => list.some((needle) => line.includes(needle)))) return;
    }
    found.push({ key, at, end });
  };
  if (first === undefined) eachLine(block, 0, block.length, take);
  else eachLineWith(block, first, take);
  return found;
}

/**
 * The lists of needles, those first whose needles come late in the block and so are likely to be few: the lines of the first list are
 * looked at one by one. Undefined where a list has none in it, and so no line has one of each.
 */
function rarestFirst(block: Buffer, needles: EventFilter['needles']): readonly (readonly Buffer[])[] | undefined {
  const places: { readonly list: readonly Buffer[]; readonly at: number }[] = [];
  for (const list of needles) {
    const found = list.map((needle) => block.indexOf(needle)).filter((at) => at >= 0);
    if (found.length === 0) return undefined;
    places.push({ list, at: Math.min(...found) });
  }
  return places.sort((a, b) => b.at - a.at).map(({ list }) => list);
}

const LINE_FEED = 0x0a;

/** Calls `visit` with each line that has one of the needles, in order. */
function eachLineWith(block: Buffer, needles: readonly Buffer[], visit: (at: number, end: number) => void): void {
  const ahead = needles.map((needle) => ({ needle, found: block.indexOf(needle) }));
  for (;;) {
    let least = -1;
    for (const { found } of ahead) if (found >= 0 && (least < 0 || found < least)) least = found;
    if (least < 0) return;
    const at = block.lastIndexOf(LINE_FEED, least) + 1;
    const stop = block.indexOf(LINE_FEED, least);
    const end = stop < 0 ? block.length : stop;
    visit(at, end);
    for (const each of ahead) {
      if (each.found >= 0 && each.found < end) each.found = block.indexOf(each.needle, end);
    }
  }
}

/** Every line that can be read, whatever it looks like; those of groups that are not intact are damaged. */
function readAll(block: Buffer, { filter, from, beforeKey, most }: BlockSearch): FoundInBlock {
  const events: FoundEvent[] = [];
  let isDamaged = false;
  for (const group of groupsIn(block)) {
    if (!group.isIntact) isDamaged = true;
    eachLine(block, group.start, group.end, (at, end) => {
      const event = parseEventLine(block.toString('utf8', at, end));
      if (event === undefined || event.timestamp < from || placeKey(event) >= beforeKey || !filter.matches(event))
        return;
      events.push({ key: placeKey(event), event: group.isIntact ? event : { ...event, damaged: true } });
    });
  }
  events.sort((a, b) => (a.key < b.key ? 1 : -1));
  return { events: events.slice(0, most), isDamaged };
}
