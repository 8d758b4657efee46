/** Shape checks for records from outside the process. Each returns only a boolean: a record is never echoed. */

/**
 * Whether a value is a plain JSON object: not null, an array or an instance of a class. Refuses inherited members too: a client
 * that assigns member by member, such as DynamoDB's, turns a member `__proto__` into a prototype, which a MAC would not cover.
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Object.prototype of any realm has no prototype itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** From 1970, with four digits: times compare as text, and arithmetic on days stays in the range of `Date`. */
const YEAR_1970_TO_9999 = /^(19[7-9][0-9]|[2-9][0-9]{3})-/;

/**
 * Whether a value is an ISO 8601 time in UTC with milliseconds, as `Date.prototype.toISOString` writes it, in the years 1970 to
 * 9999.
 */
export function isTimestamp(value: unknown): value is string {
  if (typeof value !== 'string' || !YEAR_1970_TO_9999.test(value)) return false;
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString() === value;
}

/** Whether a value is a whole number from `least` to the highest safe integer. */
export const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;
