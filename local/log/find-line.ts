import type { EventPlace } from '../journal/event-place';
import type { JournalView } from '../journal/journal-view';
import { hourOfSegment } from '../journal/segment-name';
import type { OlderLines } from './older-lines';
import type { SegmentRuns } from './segment-runs';

export interface FindLineOptions {
  /** The journal's own segments, oldest first. */
  readonly segments: readonly string[];
  readonly view: JournalView;
  readonly runs: SegmentRuns;
  readonly older: OlderLines;
}

const LINE_FEED = 0x0a;

/**
 * Finds the archived line of an event, without its line feed: in a segment that was begun in the event's hour or before, where it
 * nearly always is; in a file of older events; or in any other segment, because a clock may have been set.
 */
export async function findLine(options: FindLineOptions, place: EventPlace): Promise<Buffer | undefined> {
  const { segments, view, runs, older } = options;
  const start = Buffer.from(`{"id":"${place.id}","timestamp":"${place.timestamp}"`, 'utf8');
  const before = segments.filter((segment) => hourOfSegment(segment) <= place.timestamp.slice(0, 13)).toReversed();
  const likely = before.slice(0, MOST_LIKELY);
  const inSegments = async (some: readonly string[]): Promise<Buffer | undefined> => {
    for (const segment of some) {
      const end = segment === view.end?.segment ? view.end.bytes : undefined;
      for (const run of await runs.of(segment, end)) {
        const line = run.bytes === 0 ? undefined : lineIn(runs.lines(run), start);
        if (line !== undefined) return line;
      }
    }
    return undefined;
  };
  const found = await inSegments(likely);
  if (found !== undefined) return found;
  for (const object of older.objects()) {
    const line = lineIn(older.read(object) ?? Buffer.alloc(0), start);
    if (line !== undefined) return line;
  }
  return inSegments(segments.filter((each) => !likely.includes(each)));
}

/** A segment ends with its hour, and a full one is followed by another of the same hour. */
const MOST_LIKELY = 64;

function lineIn(lines: Buffer, start: Buffer): Buffer | undefined {
  for (let at = lines.indexOf(start); at >= 0; at = lines.indexOf(start, at + 1)) {
    if (at > 0 && lines[at - 1] !== LINE_FEED) continue;
    const end = lines.indexOf(LINE_FEED, at);
    return Buffer.from(lines.subarray(at, end < 0 ? lines.length : end));
  }
  return undefined;
}
