import * as z from 'zod/mini';
import { readInstant, type Finer } from '../crypto/instant';

const FORMS = [
  { type: 'string', format: 'date-time' },
  { type: 'string', format: 'date' },
];
const HOW = 'RFC 3339 with any offset, or a date, which is its first instant in UTC; inclusive';

/** A time of a query: what is checked and handed on is in UTC with milliseconds, however it was written. */
const queryTime = (finer: Finer, description: string) =>
  z.pipe(
    z.string().check(z.meta({ anyOf: FORMS, description, examples: ['2026-11-21T10:30:00+01:00', '2026-11-21'] })),
    z.transform((text: string, { issues }) => {
      const read = readInstant(text, finer);
      if ('time' in read) return read.time;
      issues.push({ code: 'custom', message: read.fault, input: undefined });
      return '';
    }),
  );

/** From when on. */
export const queryFrom = queryTime('cut', `First time. ${HOW}; what is finer than a millisecond is cut.`);
/** Until when. */
export const queryTo = queryTime(
  'rounded up',
  `Last time. ${HOW}, so that a whole day ends with the date of the next one; what is finer than a millisecond is rounded up.`,
);
