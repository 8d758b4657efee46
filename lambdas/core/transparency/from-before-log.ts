import { DAY_MS } from '../contract/time-units';

/** How long after a log's first hour events from before it may be archived. */
const TAKE_OVER_MS = 14 * DAY_MS;

/**
 * Whether an event is from before the log, which took it over when it began: its time is before the hour of the archive's first object,
 * and it was archived in the first 14 days. Later nobody can put an event there unseen, whatever time it states. All in milliseconds
 * since 1970.
 */
export const isFromBeforeLog = (time: number, archivedAt: number, firstHour: number): boolean =>
  time < firstHour && archivedAt <= firstHour + TAKE_OVER_MS;
