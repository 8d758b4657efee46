import * as z from 'zod/mini';

/** Schemas for replies. A reply is cut to its schema before it is sent, so no other member can leak. */
export const count = z.int().check(z.minimum(0));
export const time = z.string().check(z.meta({ format: 'date-time' }));
export const nullableText = z.nullable(z.string());

/** Of a list. */
export const nextCursor = z.optional(
  z.string().check(z.meta({ description: 'The `cursor` of the next page. Present if there may be more entries.' })),
);
