import type { ArchiveObject, ArchiveSource } from '../../lambdas/core/transparency/ports/archive-source';
import type { JournalView } from '../journal/journal-view';
import { hourOfSegment, ownSegments } from '../journal/segment-name';
import type { OlderLines } from './older-lines';
import type { Run, SegmentRuns } from './segment-runs';

export interface JournalArchiveOptions {
  /** Returns the names in the journal's directory. */
  readonly names: () => readonly string[];
  /** What of the journal may be read. */
  readonly view: () => JournalView;
  readonly runs: SegmentRuns;
  readonly older: OlderLines;
}

/** The journal's own segments that a view covers, oldest first. */
export const segmentsOfView = (names: readonly string[], { end }: JournalView): readonly string[] =>
  ownSegments(names)
    .map(({ segment }) => segment)
    .filter((segment) => end !== undefined && segment <= end.segment);

/**
 * The journal's closed groups as an archive. An object is a run of groups of one segment, byte for byte their lines, in the hour of
 * the segment: the hour in which they were written. The last run of a segment grows with it, and is another object then, which
 * repeats the lines of the one before; that can still be read. Events from before the nonce are in files of their own.
 */
export function createJournalArchive({ names, view, runs, older }: JournalArchiveOptions): ArchiveSource {
  const segments = (): readonly string[] => segmentsOfView(names(), view()).filter(older.mayHaveNonces());
  const endOf = (segment: string): number | undefined =>
    segment === view().end?.segment ? view().end?.bytes : undefined;

  async function runsOfHour(hour: string): Promise<readonly Run[]> {
    const all: Run[] = [];
    for (const segment of segments()) {
      if (hourOfSegment(segment) === hour) all.push(...(await unlessGone(() => runs.of(segment, endOf(segment)))));
    }
    return all.filter(({ bytes }) => bytes > 0);
  }

  return {
    hours: async (from = '') => {
      const hours = [...segments().map(hourOfSegment), ...older.objects().map(({ hour }) => hour)];
      return Promise.resolve([...new Set(hours)].filter((hour) => hour >= from).sort());
    },
    objects: async (hour) => {
      const all = [...(await runsOfHour(hour)), ...older.objects().filter((each) => each.hour === hour)];
      return [...new Set(all.map(({ sha256 }) => sha256))].map((sha256): ArchiveObject => ({ hour, sha256 }));
    },
    read: async ({ hour, sha256 }) => {
      if (older.objects().some((each) => each.hour === hour && each.sha256 === sha256)) {
        return older.read({ hour, sha256 });
      }
      const there = await runsOfHour(hour);
      const whole = there.find((run) => run.sha256 === sha256);
      if (whole !== undefined) return runs.lines(whole);
      for (const run of there) {
        const part = runs.beginningOf(run, sha256);
        if (part !== undefined) return runs.lines(part);
      }
      return undefined;
    },
  };
}

/** Retention may delete a segment at any time. */
async function unlessGone(look: () => Promise<readonly Run[]>): Promise<readonly Run[]> {
  try {
    return await look();
  } catch (thrown) {
    if ((Object(thrown) as { code?: unknown }).code === 'ENOENT') return [];
    throw thrown;
  }
}
