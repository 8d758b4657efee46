import { HOUR_MS } from '../contract/time-units';
import { archiveHour } from './archive-hour';
import { objectName } from './archive-path';
import type { Tree } from './merkle-proof';
import type { ArchiveObject, ArchiveSource } from './ports/archive-source';
import type { PublisherState } from './publisher-state';

/** What a decision is about, before its tree is known. */
export type RangePlan = Omit<PublisherState, 'previous' | 'tree'>;

/** An hour is closed two hours after its end: what is archived later than that is reconciliation's to find. */
const CLOSED_AFTER_MS = 2 * HOUR_MS;

/**
 * Looks for archive objects that no range has used: in the hours that are not closed, so that the cost does not grow with the log.
 *
 * @param state the last decision, whose tree is published; undefined for a new log
 * @param maxObjects how many objects a range has at most; the others are left to the next one, and their hours stay open
 * @returns undefined if there is nothing to do
 */
export async function planRange(
  archive: ArchiveSource,
  state: PublisherState | undefined,
  { now, maxObjects }: { readonly now: number; readonly maxObjects: number },
): Promise<RangePlan | undefined> {
  const known = new Set(state?.used.map(objectName));
  const found: ArchiveObject[] = [];
  const hours = await archive.hours(state?.from);
  for (const hour of hours) {
    const objects = await archive.objects(hour);
    found.push(...objects.filter((object) => !known.has(objectName(object))).toSorted(byName));
    if (found.length > maxObjects) break;
  }
  if (found.length === 0) return undefined;
  const objects = found.slice(0, maxObjects);
  // The newest hour stays open: a clock that was ahead must not close hours in which there are events to come.
  const newest = earlier(archiveHour(now - CLOSED_AFTER_MS), hours.at(-1));
  const open = earlier(newest, found[maxObjects]?.hour);
  if (state === undefined) return { range: 1, objects, from: open, used: objects.filter(({ hour }) => hour >= open) };
  // An hour that was closed stays closed, though the clock went back.
  const from = state.from > open ? state.from : open;
  const used = [...state.used, ...objects].filter(({ hour }) => hour >= from);
  return { range: state.range + 1, objects, from, used };
}

const earlier = (hour: string, other: string | undefined): string =>
  other !== undefined && other < hour ? other : hour;

const byName = (a: ArchiveObject, b: ArchiveObject): number => (objectName(a) < objectName(b) ? -1 : 1);

export const isSameTree = (a: Tree, b: Tree): boolean => a.size === b.size && a.root.equals(b.root);
