import { isKeyShaped } from './key-shaped';

/** In UTF-16 units, as everything that counts characters here. */
export const MAX_REASON_CHARACTERS = 200;

/** Controls, formatting such as a change of writing direction, line separators, what is no character. */
const NOT_PRINTABLE = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Shorter words open nothing, and hexadecimal ones are ids and hashes: an emergency must not fail for the sake of one. */
const SHORTEST_KEY = 20;
const HEXADECIMAL = /^[0-9a-f]+$/i;

export const isPrintable = (text: string): boolean => !NOT_PRINTABLE.test(text);

/** Whether a word of what somebody gives as a reason is an API key by its look. It would stand in the audit log for years. */
export const holdsKey = (text: string): boolean =>
  (text.match(/[A-Za-z0-9._-]+/g) ?? []).some(
    (word) => word.length >= SHORTEST_KEY && !HEXADECIMAL.test(word) && isKeyShaped(word),
  );
