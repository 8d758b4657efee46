import { MAX_USER_AGENT_CHARACTERS } from '../contract/limits';

/** Controls, formatting such as a change of writing direction, line separators, halves of a character. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * What audit events keep of a `User-Agent`, of requests that are served and of those that are refused: the beginning, without
 * what cannot be seen and without blanks around it, so that it does nothing to whoever reads the log.
 *
 * @returns null where nothing is left
 */
export const keptUserAgent = (text: string | null | undefined): string | null =>
  text?.slice(0, MAX_USER_AGENT_CHARACTERS).replace(INVISIBLE, '').trim() || null;
