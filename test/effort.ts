const DEFAULT = '0.1';

/**
 * How much is tried of what can be tried without end: properties, histories, interruptions. 0.1 is what `npm test` and
 * `npm run test:all` do, and whoever runs one file; 1 and more what `npm run test:long` does. Set by `KEYWARD_TEST_EFFORT`.
 */
export const EFFORT = readEffort(process.env['KEYWARD_TEST_EFFORT'] ?? DEFAULT);

function readEffort(text: string): number {
  const effort = Number(text);
  if (!(effort > 0 && effort <= 1000)) throw new Error('KEYWARD_TEST_EFFORT must be a number above 0 and at most 1000');
  return effort;
}

/**
 * How many times something is tried, at this effort.
 *
 * @param atFull how many times at effort 1
 * @param least what shows anything at all
 */
export const runs = (atFull: number, least = 5): number =>
  Math.max(Math.min(atFull, least), Math.ceil(atFull * EFFORT));

/**
 * Rows for `test.each` of what is tried once by `npm run test:all`, and more often by `npm run test:long`: each row with the number of
 * its round in front.
 */
export const inRounds = <R extends readonly unknown[]>(rows: readonly R[]): readonly (readonly [number, ...R])[] =>
  Array.from({ length: Math.ceil(EFFORT) }, (_, round) => rows.map((row) => [round + 1, ...row] as const)).flat();
