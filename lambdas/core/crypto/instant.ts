/** How fractions of a millisecond are handled. */
export type Finer = 'cut' | 'rounded up';

/** A time in ISO 8601 in UTC with milliseconds, or the fault as a predicate. */
export type ReadInstant = { readonly time: string } | { readonly fault: string };

const FORM =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?([Zz]|([+\- ])([0-9]{2}):([0-9]{2}))?)?$/;

const EXAMPLES = '2026-11-21T09:30:00Z or 2026-11-21T10:30:00+01:00';
const NO_FORM = `must be a time such as ${EXAMPLES}, or a date such as 2026-11-21`;
const NO_OFFSET = `must end with Z or an offset, such as ${EXAMPLES}: the time is ambiguous without it`;
const NO_SUCH_TIME = 'is not a valid time';
const OUT_OF_RANGE = 'must be in the years 1970 to 9999 in UTC';

const EARLIEST = 0;
/** The last millisecond of the year 9999: later times do not compare as text. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const MINUTE_MS = 60_000;

/**
 * Reads a time of RFC 3339 section 5.6, also with `t` and `z` in lower case or a blank for `T`, with any offset and any number of
 * fraction digits; seconds may be left out, as `java.time` does if they are zero. A date alone is its first instant in UTC. A
 * blank as the sign of an offset is a plus, which becomes a blank in a query that was not percent-encoded
 * (https://github.com/aws/aws-cdk/issues/19827). The second 60 is accepted where a leap second can be, at the end of a month in
 * UTC, and is the first instant of the next month, as in POSIX.
 *
 * @param finer how to handle fractions of a millisecond
 */
export function readInstant(text: string, finer: Finer): ReadInstant {
  const match = FORM.exec(text);
  if (match === null) return { fault: NO_FORM };
  const [, year = '', month = '', day = '', hour, minute, second, fraction = '', zone, sign, hours, minutes] = match;
  if (hour !== undefined && zone === undefined) return { fault: NO_OFFSET };
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const [h, min, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)];
  const [offsetHours, offsetMinutes] = [Number(hours ?? 0), Number(minutes ?? 0)];
  if (m < 1 || m > 12 || d < 1 || d > daysIn(y, m) || h > 23 || min > 59 || s > 60) return { fault: NO_SUCH_TIME };
  if (offsetHours > 23 || offsetMinutes > 59) return { fault: NO_SUCH_TIME };
  // `Date.UTC` maps the years 0 to 99 to 1900 to 1999.
  if (y < 1969) return { fault: OUT_OF_RANGE };
  const offset = (sign === '-' ? -1 : 1) * (60 * offsetHours + offsetMinutes) * MINUTE_MS;
  const instant = Date.UTC(y, m - 1, d, h, min, s, Number(fraction.slice(0, 3).padEnd(3, '0'))) - offset;
  if (instant < EARLIEST || instant > LATEST) return { fault: OUT_OF_RANGE };
  if (s === 60 && !isFirstOfMonth(instant)) return { fault: NO_SUCH_TIME };
  const isUp = finer === 'rounded up' && /[1-9]/.test(fraction.slice(3));
  return { time: new Date(Math.min(instant + (isUp ? 1 : 0), LATEST)).toISOString() };
}

const daysIn = (year: number, month: number): number => {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

/** Whether an instant is in the first second of a month. */
const isFirstOfMonth = (instant: number): boolean =>
  new Date(instant).toISOString().slice('YYYY-MM-'.length, 'YYYY-MM-DDTHH:MM:SS'.length) === '01T00:00:00';
