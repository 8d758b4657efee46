import { chainBehind } from './segment-chain';
import { eachLine } from './block-groups';
import { formatEventLine } from '../../lambdas/core/audit/event-line';
import { parseEventLine } from './event-line';
import { placeKey } from './event-place';
import { CHAIN_START, formatHeader, sealGroup } from './journal-format';
import type { JournalFiles } from './journal-files';
import type { OlderEvent, OlderRow, OlderRows, RowsPage } from './older-rows';
import { formatSegment, parseSegmentFile, segmentFile } from './segment-name';
import { writeWhole } from './write-whole';

/** The part of the rows that a takeover uses. */
export type RowsToTakeOver = Pick<OlderRows, 'places' | 'read' | 'erase'>;

export interface TakeOverDependencies {
  readonly rows: RowsToTakeOver;
  readonly files: JournalFiles;
  /** Runs a small part of the work, and then yields to others; throws if the work is to stop. */
  readonly bite: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Number of events to take over, and of rows that are not events. */
export interface OlderLog {
  /** Buckets with events that are not taken over, by day. */
  readonly days: ReadonlyMap<string, ReadonlySet<string>>;
  readonly count: number;
  readonly others: number;
  /** Key of the last event that is taken over; empty if there is none. */
  readonly after: string;
}

const GROUP_EVENTS = 128;

/** Counts the events to take over: all after the last one taken over, because they are taken over in order of time. */
export async function countOlderEvents({ rows, files, bite }: TakeOverDependencies): Promise<OlderLog> {
  const after = await lastKeyTaken(files);
  const days = new Map<string, Set<string>>();
  let count = 0;
  let others = 0;
  let start: RowsPage['next'];
  do {
    const page = await bite(() => rows.places(start));
    for (const { bucket, key } of page.rows) {
      if (key <= after) continue;
      count += 1;
      const day = key.slice(0, 10);
      const buckets = days.get(day) ?? new Set();
      days.set(day, buckets.add(bucket));
    }
    others += page.others;
    start = page.next;
  } while (start !== undefined);
  return { days, count, others, after };
}

/**
 * Writes the events to segments of their own hours, in order of time, each segment all or nothing: an interruption costs the
 * current hour, which the next run begins again.
 *
 * @returns number of events
 * @throws KeywardError `store_unavailable`; errors of the system; errors of `bite`
 */
export async function takeOverEvents(deps: TakeOverDependencies, log: OlderLog): Promise<number> {
  let taken = 0;
  for (const day of [...log.days.keys()].sort()) {
    const events = new PeekedEvents(inOrder(deps, [...(log.days.get(day) ?? [])], log.after));
    for (let next = await events.peek(); next !== undefined; next = await events.peek()) {
      const segment = formatSegment({ hour: next.key.slice(0, 13), part: 0 });
      taken += await writeHour(deps, segment, events);
    }
  }
  return taken;
}

async function writeHour(
  { files, bite }: TakeOverDependencies,
  segment: string,
  events: PeekedEvents,
): Promise<number> {
  let chain = await chainOfNewest(files);
  let taken = 0;
  const isOfHour = (event: OlderEvent | undefined): event is OlderEvent =>
    event !== undefined && segment.startsWith(event.key.slice(0, 13));
  async function* groups(): AsyncGenerator<Buffer> {
    yield formatHeader({ journal: 1, segment, previous: chain });
    while (isOfHour(await events.peek())) {
      const lines: string[] = [];
      for (let next = await events.peek(); isOfHour(next) && lines.length < GROUP_EVENTS; next = await events.peek()) {
        lines.push(formatEventLine(next.event));
        events.take();
      }
      const { bytes, hash } = await bite(() => Promise.resolve(sealGroup(lines, chain)));
      chain = hash;
      taken += lines.length;
      yield bytes;
    }
  }
  await writeWhole(files, segmentFile(segment), groups());
  return taken;
}

/** A stream of events with a look at the next one. */
class PeekedEvents {
  private next: OlderEvent | undefined;
  private isEnd = false;

  constructor(private readonly events: AsyncIterator<OlderEvent>) {}

  async peek(): Promise<OlderEvent | undefined> {
    if (this.next === undefined && !this.isEnd) {
      const result = await this.events.next();
      if (result.done === true) this.isEnd = true;
      else this.next = result.value;
    }
    return this.next;
  }

  take(): void {
    this.next = undefined;
  }
}

interface OpenBucket {
  readonly bucket: string;
  readonly events: OlderEvent[];
  readTo: string;
  isEnd: boolean;
}

/** Merges the events of several buckets after a key. */
async function* inOrder(
  { rows, bite }: TakeOverDependencies,
  buckets: readonly OlderRow['bucket'][],
  after: string,
): AsyncGenerator<OlderEvent> {
  let open = buckets.map((bucket): OpenBucket => ({ bucket, events: [], readTo: after, isEnd: false }));
  for (;;) {
    for (const each of open) {
      while (each.events.length === 0 && !each.isEnd) {
        const { events, isEnd, last } = await bite(() => rows.read(each.bucket, each.readTo));
        each.events.push(...events);
        each.readTo = last;
        each.isEnd = isEnd;
      }
    }
    open = open.filter(({ events }) => events.length > 0);
    let first: OpenBucket | undefined;
    for (const each of open) if (first === undefined || keyOf(each) < keyOf(first)) first = each;
    const event = first?.events.shift();
    if (event === undefined) return;
    yield event;
  }
}

const keyOf = ({ events }: OpenBucket): string => events[0]?.key ?? '';

/** Returns the segments of a takeover, oldest first. Throws errors of the system. */
async function takenSegments(files: JournalFiles): Promise<readonly string[]> {
  const names = (await files.list()).map(parseSegmentFile).filter((name) => name?.part === 0);
  return names.flatMap((name) => name?.segment ?? []).sort();
}

async function chainOfNewest(files: JournalFiles): Promise<string> {
  const newest = (await takenSegments(files)).at(-1);
  return newest === undefined ? CHAIN_START : chainBehind(files, newest);
}

async function lastKeyTaken(files: JournalFiles): Promise<string> {
  const newest = (await takenSegments(files)).at(-1);
  if (newest === undefined) return '';
  const bytes = await files.read(segmentFile(newest), 0, await files.size(segmentFile(newest)));
  let last = '';
  eachLine(bytes, 0, bytes.length, (at, end) => {
    const event = parseEventLine(bytes.toString('utf8', at, end));
    if (event !== undefined && placeKey(event) > last) last = placeKey(event);
  });
  return last;
}
