import * as z from 'zod/mini';
import { readInstant, type Finer } from '../crypto/instant';

const FORMS = [
  { type: 'string', format: 'date-time' },
  { type: 'string', format: 'date' },
];
const FORM = 'RFC 3339 with any offset, or a date, which means its first instant in UTC';
const HOW = `${FORM}; inclusive`;

/** A time in a query. The result is in UTC with milliseconds. */
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

/** Beginning of a time range. */
export const queryFrom = queryTime('cut', `First time. ${HOW}; fractions of a millisecond are cut.`);
/** A moment. */
export const queryMoment = (description: string) =>
  queryTime('cut', `${description} ${FORM}; fractions of a millisecond are cut.`);
/** End of a time range. */
export const queryTo = queryTime(
  'rounded up',
  `Last time. ${HOW}, so the range of a whole day ends with the date of the next one; fractions of a millisecond are rounded up.`,
);
