/** Characters that move a cursor, change the direction of writing, or cannot be seen. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON escapes the controls below U+0020; the others would reach a terminal. */
export const toJson = (value: unknown): string => JSON.stringify(value).replaceAll(INVISIBLE, escaped);

/** Escapes a character as JSON does: one escape for each UTF-16 unit (RFC 8259 section 7). */
const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');

/** A value on one line. It may come from a stranger (a user agent, for instance): no control character reaches the terminal. */
export function plain(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  const text = typeof value === 'string' ? value : toJson(value);
  return text.replaceAll(INVISIBLE, '?');
}
