import { MAX_USER_AGENT_CHARACTERS } from './limits';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** Controls, formatting such as changes of writing direction, line separators, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * The part of a `User-Agent` that audit events keep, for served and refused requests: its beginning, trimmed and without
 * invisible characters, which could harm a reader of the log.
 *
 * @returns null if nothing is left
 */
export const keptUserAgent = (text: string | null | undefined): string | null =>
  text ? visible(text.slice(0, MAX_USER_AGENT_CHARACTERS)).trim() || null : null;

/** The first test costs little, and nearly all user agents pass it. */
const visible = (text: string): string => (PRINTABLE_ASCII.test(text) ? text : text.replace(INVISIBLE, ''));
