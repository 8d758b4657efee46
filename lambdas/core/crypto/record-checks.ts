/** Shape checks for records that come from outside the process. Each says only yes or no: a record is never echoed. */

/**
 * A JSON object: not null, not an array, not an instance of anything. What inherits members is refused too: a client that
 * assigns member by member, as DynamoDB's does, makes a prototype of a member `__proto__`, which no MAC would see.
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Object.prototype, of any realm, is what has no prototype itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** From 1970 on and in four digits: times compare as text, and no arithmetic on days leaves what `Date` can write. */
const YEAR_1970_TO_9999 = /^(19[7-9][0-9]|[2-9][0-9]{3})-/;

/** An ISO 8601 time in UTC with milliseconds, as `Date.prototype.toISOString` writes it, of the years 1970 to 9999. */
export function isTimestamp(value: unknown): value is string {
  if (typeof value !== 'string' || !YEAR_1970_TO_9999.test(value)) return false;
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString() === value;
}

/** A whole number from `least` to the highest that a double counts exactly. */
export const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;
