import { isKeyShaped } from './key-shaped';

/** In UTF-16 code units, like all limits in characters. */
export const MAX_REASON_CHARACTERS = 200;

/** Controls, formatting such as changes of writing direction, line separators, unassigned and private characters. */
const NOT_PRINTABLE = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Shorter words are not keys, and hexadecimal ones are ids and hashes, which must not make an emergency fail. */
const SHORTEST_KEY = 20;
const HEXADECIMAL = /^[0-9a-f]+$/i;

export const isPrintable = (text: string): boolean => !NOT_PRINTABLE.test(text);

/** Whether a word of a reason looks like an API key, which would stay in the audit log for years. */
export const holdsKey = (text: string): boolean =>
  (text.match(/[A-Za-z0-9._-]+/g) ?? []).some(
    (word) => word.length >= SHORTEST_KEY && !HEXADECIMAL.test(word) && isKeyShaped(word),
  );
