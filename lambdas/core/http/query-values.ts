import * as z from 'zod/mini';
import { DEFAULT_PAGE } from '../contract/limits';
import { cursorText } from './cursor-text';

/** Seconds or milliseconds, always in UTC; from 1970, so that no arithmetic leaves the years of four digits. */
const UTC_TIME = /^(19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z$/;

/** Whether the text is a time that exists: `Date` takes February 30 for March 2. */
const isUtcTime = (text: string): boolean =>
  UTC_TIME.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length));

/** Query values are text; `meta` says what they stand for, which is what the document shows. */
export const queryTime = z.pipe(
  z
    .string()
    .check(
      z.refine(isUtcTime, 'must be a time in UTC such as 2026-11-21T00:00:00Z'),
      z.meta({ format: 'date-time', description: 'ISO 8601 in UTC, in seconds or milliseconds, inclusive.' }),
    ),
  z.transform((text: string) => new Date(text).toISOString()),
);

export const pageSize = (most: number) =>
  z._default(
    z.pipe(
      z.string().check(
        z.refine((text) => /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= most, `must be 1 to ${most}`),
        z.meta({ type: 'integer', minimum: 1, maximum: most, default: DEFAULT_PAGE }),
      ),
      z.transform(Number),
    ),
    DEFAULT_PAGE,
  );

export const flag = z.pipe(
  z.string().check(
    z.refine((text) => text === 'true' || text === 'false', 'must be true or false'),
    z.meta({ type: 'boolean' }),
  ),
  z.transform((text: string) => text === 'true'),
);

/** The place in a list at which a page begins. */
export const pageCursor = z.optional(cursorText('The `next_cursor` of the page before, with the same filters.'));
