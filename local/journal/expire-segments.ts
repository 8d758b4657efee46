import { readExpired, writeExpired } from './expired-mark';
import type { JournalFiles } from './journal-files';
import { chainBehind, chainBefore } from './segment-chain';
import { hourOf, ownSegments, parseSegmentFile, segmentFile } from './segment-name';

export interface ExpireSegmentsOptions {
  readonly files: JournalFiles;
  /** Returns the time of a segment's newest event, as ISO 8601 in UTC; undefined if it is unknown, which keeps the segment. */
  readonly greatestTime: (segment: string) => Promise<string | undefined>;
  /** Whether all events of a segment are in the transparency log; others are kept, however old they are. */
  readonly isPublished: (segment: string) => boolean;
  /** Called with the number of segments that are kept for that reason alone, if there are any. */
  readonly onKept: (count: number) => void;
  /** The segment that is or was written last: it is kept. */
  readonly newest: string | undefined;
  /** Events before this time, in milliseconds, have expired. */
  readonly before: number;
}

/**
 * Deletes, oldest first, the segments that were written before a time and have only events from before it; segments of an older
 * data directory are judged one by one. An interrupted expiry is completed by the next call, or by {@link finishExpiry}.
 *
 * @returns number of deleted segments
 * @throws errors of the system
 */
export async function expireSegments(options: ExpireSegmentsOptions): Promise<number> {
  const { files, newest, before } = options;
  const finished = await finishExpiry(files);
  let kept = 0;
  const isExpired = async (segment: string, hour: string): Promise<boolean> => {
    if (segment === newest || hour >= hourOf(before)) return false;
    const greatest = await options.greatestTime(segment);
    if (greatest === undefined || greatest >= new Date(before).toISOString()) return false;
    if (options.isPublished(segment)) return true;
    kept += 1;
    return false;
  };
  const names = await files.list();
  const taken = names
    .map(parseSegmentFile)
    .filter((each) => each !== undefined)
    .filter(({ part }) => part === 0);
  const gone: string[] = [];
  for (const { segment, hour } of taken) if (await isExpired(segment, hour)) gone.push(segment);
  const own = ownSegments(names);
  let count = 0;
  for (const { segment, hour } of own) {
    if (!(await isExpired(segment, hour))) break;
    count += 1;
  }
  const [through, follower] = [own[count - 1], own[count]];
  if (through !== undefined && follower !== undefined) {
    const previous = (await chainBefore(files, follower.segment)) ?? (await chainBehind(files, through.segment));
    await writeExpired(files, { through: through.segment, previous });
    gone.push(...own.slice(0, count).map(({ segment }) => segment));
  }
  if (kept > 0) options.onKept(kept);
  await removeAll(files, gone);
  return finished + gone.length;
}

/** Deletes the segments that an earlier expiry marked and did not delete. @returns their number */
export async function finishExpiry(files: JournalFiles): Promise<number> {
  const mark = await readExpired(files);
  if (mark === undefined) return 0;
  const gone = ownSegments(await files.list())
    .map(({ segment }) => segment)
    .filter((segment) => segment <= mark.through);
  await removeAll(files, gone);
  return gone.length;
}

/** Removes the segments and the files beside them. */
async function removeAll(files: JournalFiles, segments: readonly string[]): Promise<void> {
  if (segments.length === 0) return;
  const names = await files.list();
  for (const segment of segments) {
    await files.remove(segmentFile(segment));
    for (const name of names) if (name.startsWith(`${segment}.`)) await files.remove(name);
  }
  await files.syncNames();
}
