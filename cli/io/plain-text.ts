/** What moves a cursor, changes the direction of writing, or cannot be seen. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON escapes the controls below U+0020; the others would reach a terminal. */
export const toJson = (value: unknown): string => JSON.stringify(value).replaceAll(INVISIBLE, escaped);

/** As JSON writes a character that it does not show: one escape for each UTF-16 unit (RFC 8259 section 7). */
const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');

/** A value on one line. A stranger may have chosen it (a user agent, say): no control reaches the terminal. */
export function plain(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  const text = typeof value === 'string' ? value : toJson(value);
  return text.replaceAll(INVISIBLE, '?');
}
