/** What stands behind a part of a sentence about a name that is not there. */
export const suggestion = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` (did you mean ${names.join(' or ')}?)`;
