import * as z from 'zod/mini';

/** What replies are made of. A reply is cut to its schema before it leaves, so that no other member can slip out. */
export const count = z.int().check(z.minimum(0));
export const time = z.string().check(z.meta({ format: 'date-time' }));
export const nullableText = z.nullable(z.string());

/** Of a list. */
export const nextCursor = z.optional(
  z.string().check(z.meta({ description: 'Present where there may be more: `cursor` of the next page.' })),
);
