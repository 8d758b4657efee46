import { HOUR_MS } from '../../lambdas/core/contract/time-units';

/**
 * A segment's name: the UTC hour of its first write and a number within the hour, so that names sort in the order of the
 * segments. `2026-11-27T10.00001` is the file `2026-11-27T10.00001.jsonl`. Number 0 is for the events of an older data directory.
 */
export interface SegmentName {
  /** `YYYY-MM-DDTHH` in UTC. */
  readonly hour: string;
  readonly part: number;
}

const SUFFIX = '.jsonl';
const HOUR_LENGTH = 'YYYY-MM-DDTHH'.length;
const NAME = /^(\d{4}-\d{2}-\d{2}T\d{2})\.(\d{5})$/;

/** Returns the hour of a time in milliseconds. */
export const hourOf = (time: number): string => new Date(time).toISOString().slice(0, HOUR_LENGTH);

/** Returns the start of an hour in milliseconds. */
export const timeOfHour = (hour: string): number => Date.parse(`${hour}:00:00.000Z`);

export const formatSegment = ({ hour, part }: SegmentName): string => `${hour}.${String(part).padStart(5, '0')}`;

/** Returns the hour in a segment's name. */
export const hourOfSegment = (segment: string): string => segment.slice(0, HOUR_LENGTH);

export const segmentFile = (segment: string): string => `${segment}${SUFFIX}`;

/** Name of a segment's index file: it can be deleted at any time, and is deleted with the segment. */
export const indexFile = (segment: string): string => `${segment}.index`;

/** @returns undefined for a file that is no segment */
export function parseSegmentFile(file: string): (SegmentName & { readonly segment: string }) | undefined {
  if (!file.endsWith(SUFFIX)) return undefined;
  const segment = file.slice(0, -SUFFIX.length);
  const [, hour, part] = NAME.exec(segment) ?? [];
  return hour === undefined || part === undefined ? undefined : { segment, hour, part: Number(part) };
}

const MOST_PARTS = 99_999;

/**
 * Returns the name of a new segment: after the newest, even if the clock was set back.
 *
 * @param newest undefined if there is none
 * @param now in milliseconds
 */
export function nextSegment(newest: SegmentName | undefined, now: number): SegmentName {
  const hour = hourOf(now);
  if (newest === undefined || newest.hour < hour) return { hour, part: 1 };
  if (newest.part < MOST_PARTS) return { hour: newest.hour, part: newest.part + 1 };
  return { hour: hourOf(timeOfHour(newest.hour) + HOUR_MS), part: 1 };
}

/** Returns the journal's own segments among the names of a directory, oldest first, without those of an older data directory. */
export const ownSegments = (files: readonly string[]): readonly (SegmentName & { readonly segment: string })[] =>
  files
    .map(parseSegmentFile)
    .filter((each) => each !== undefined)
    .filter(({ part }) => part > 0)
    .sort((a, b) => (a.segment < b.segment ? -1 : 1));
