import * as z from 'zod/mini';
import { DEFAULT_PAGE } from '../contract/limits';
import { cursorText } from './cursor-text';

export const pageSize = (most: number) =>
  z._default(
    z.pipe(
      z.string().check(
        z.refine((text) => /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= most, `must be 1 to ${most}`),
        z.meta({
          type: 'integer',
          minimum: 1,
          maximum: most,
          default: DEFAULT_PAGE,
          description: 'Maximum number of entries on the page.',
        }),
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
