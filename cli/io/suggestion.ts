/** The suggestion at the end of a sentence about an unknown name. */
export const suggestion = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` (did you mean ${names.join(' or ')}?)`;
