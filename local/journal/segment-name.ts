/**
 * A segment's name: the UTC hour of its first write and a number within the hour, so that names sort as segments follow each other.
 * `2026-11-27T10.00001` is the file `2026-11-27T10.00001.jsonl`. Number 0 is for the events of an older data directory.
 */
export interface SegmentName {
  /** `YYYY-MM-DDTHH` in UTC. */
  readonly hour: string;
  readonly part: number;
}

const SUFFIX = '.jsonl';
const NAME = /^(\d{4}-\d{2}-\d{2}T\d{2})\.(\d{5})$/;

/** The hour of a time in milliseconds. */
export const hourOf = (time: number): string => new Date(time).toISOString().slice(0, 13);

export const formatSegment = ({ hour, part }: SegmentName): string => `${hour}.${String(part).padStart(5, '0')}`;

export const segmentFile = (segment: string): string => `${segment}${SUFFIX}`;

/** What is derived from a segment, beside it: can be deleted at any time, and goes with the segment. */
export const indexFile = (segment: string): string => `${segment}.index`;

/** @returns undefined for a file that is no segment */
export function parseSegmentFile(file: string): (SegmentName & { readonly segment: string }) | undefined {
  if (!file.endsWith(SUFFIX)) return undefined;
  const segment = file.slice(0, -SUFFIX.length);
  const [, hour, part] = NAME.exec(segment) ?? [];
  return hour === undefined || part === undefined ? undefined : { segment, hour, part: Number(part) };
}
