/** A time for a person: day and time of day in UTC, to the second. */
export const shownTime = (time: unknown): string =>
  typeof time === 'string' ? `${time.slice(0, 10)} ${time.slice(11, 19)}` : '–';
