import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { eachLine, groupsIn } from './block-groups';
import type { EventFilter } from './event-filter';
import { parseEventLine } from './event-line';
import { placeKey, placeOfLine } from './event-place';
import { LINE_FEED } from './journal-format';

/** A search in a block: events by their filter, from a time to a place. */
export interface BlockSearch {
  readonly filter: EventFilter;
  /** Inclusive. */
  readonly from: string;
  /** Only events older than this key of a place. */
  readonly beforeKey: string;
  /** Maximum of events; the newest are returned. */
  readonly most: number;
}

/** An event, and its place as a key. */
export interface FoundEvent {
  readonly key: string;
  readonly event: AuditEvent;
}

/** Events found in a block, newest first. */
export interface FoundInBlock {
  readonly events: readonly FoundEvent[];
  /** True if a verified group is not as it was written. */
  readonly isDamaged: boolean;
}

const NOTHING: FoundInBlock = { events: [], isDamaged: false };

/**
 * Searches a block for events. Its bytes are searched before anything is parsed, and groups with a match are verified. If one is
 * not as it was written, every line of the block is parsed, and its remaining events are `damaged`.
 *
 * @param isSuspect whether the bytes cannot be searched because some are known to be not as written
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
 * Orders the lists of needles: lists whose needles come late in the block, and so are probably rare, are first, because the lines
 * of the first list are read one by one. Returns undefined if a list has no needle in the block, so that no line can match.
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

/** Reads every readable line, without the byte search; events of groups that are not intact are damaged. */
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
