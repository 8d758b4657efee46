import { hash } from 'node:crypto';
import { newId, type Randomness } from './randomness';
import { isTimestamp } from './record-checks';

const TIME_DIGITS = 12;
const NAME_DIGITS = 20;

/**
 * A fresh id that begins with its time: 12 hexadecimal digits of milliseconds since 1970, then 20 random ones. Ids sort by time as
 * text, and have the form of {@link newId}.
 */
export const newTimedId = (now: number, randomness: Randomness): string =>
  digitsOf(now) + newId(randomness).slice(TIME_DIGITS);

/**
 * The id of something that may be met again: it begins with the time of what it names, as {@link newTimedId}, and goes on with the
 * first 20 digits of SHA-256 of a text that names it.
 */
export const timedIdOf = (at: number, text: string): string =>
  digitsOf(at) + hash('sha256', text, 'hex').slice(0, NAME_DIGITS);

const digitsOf = (time: number): string => time.toString(16).padStart(TIME_DIGITS, '0');

/**
 * The time with which an id begins, ISO 8601 in UTC with milliseconds; undefined if it is none of the years 1970 to 9999. An id
 * that is random begins with some time, too.
 */
export function timeOfId(id: string): string | undefined {
  const time = new Date(Number.parseInt(id.slice(0, TIME_DIGITS), 16));
  const timestamp = Number.isNaN(time.getTime()) ? undefined : time.toISOString();
  return isTimestamp(timestamp) ? timestamp : undefined;
}
