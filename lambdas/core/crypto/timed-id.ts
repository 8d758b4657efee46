import { newId, type Randomness } from './randomness';
import { isTimestamp } from './record-checks';

const TIME_DIGITS = 12;

/**
 * A fresh id that begins with its time: 12 hexadecimal digits of milliseconds since 1970, then 20 random ones. Ids sort by time as
 * text, and have the form of {@link newId}.
 */
export const newTimedId = (now: number, randomness: Randomness): string =>
  now.toString(16).padStart(TIME_DIGITS, '0') + newId(randomness).slice(TIME_DIGITS);

/**
 * The time with which an id begins, ISO 8601 in UTC with milliseconds; undefined if it is none of the years 1970 to 9999. An id
 * that is random begins with some time, too.
 */
export function timeOfId(id: string): string | undefined {
  const time = new Date(Number.parseInt(id.slice(0, TIME_DIGITS), 16));
  const timestamp = Number.isNaN(time.getTime()) ? undefined : time.toISOString();
  return isTimestamp(timestamp) ? timestamp : undefined;
}
