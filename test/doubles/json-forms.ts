import {
  MAX_CONTEXT_NAME_BYTES,
  MAX_CONTEXT_PAIRS,
  MAX_CONTEXT_VALUE_BYTES,
} from '../../lambdas/core/crypto/encryption-context';

/** How programs write one and the same JSON value. */
export type JsonForm = (value: unknown) => string;

const ESCAPES = Array.from({ length: 0x1_00_00 }, (_, code) => `\\u${code.toString(16).padStart(4, '0')}`);

const unicodeEscape = (text: string): string => {
  let escaped = '';
  for (let at = 0; at < text.length; at += 1) escaped += ESCAPES[text.charCodeAt(at)]!;
  return escaped;
};

/** JSON.stringify's text with some characters escaped, each by the two bytes that UTF-16 has for it. */
const escaping =
  (characters: RegExp): JsonForm =>
  (value) =>
    JSON.stringify(value).replace(characters, unicodeEscape);

const escapeSlashes = (json: string): string => json.replaceAll('/', '\\/');

/** JSON.stringify's text, cut into its strings and what is between them. */
const inStrings = (json: string, one: (inside: string) => string, between = (text: string): string => text): string =>
  json
    .split(/("(?:[^"\\]|\\.)*")/s)
    .map((part, index) => (index % 2 === 1 ? `"${one(part.slice(1, -1))}"` : between(part)))
    .join('');

export const JSON_FORMS: Readonly<Record<string, JsonForm>> = {
  /** JavaScript, `jq`: no more escapes than there must be. */
  'as it is': (value) => JSON.stringify(value),
  /** Python's `json.dumps`: `ensure_ascii`, a blank behind each comma and colon. */
  'Python by default': (value) =>
    inStrings(
      JSON.stringify(value),
      (inside) => inside.replace(/[^\x20-\x7e]/g, unicodeEscape),
      (between) => between.replaceAll(/[,:]/g, '$& '),
    ),
  /** PHP's `json_encode`: slashes, and all that is not ASCII. */
  'PHP by default': (value) => escapeSlashes(escaping(/[^\x20-\x7e]/g)(value)),
  /** Go's `encoding/json`, and Java's Gson: what a page in HTML could take for markup. */
  'Go by default': escaping(/[<>&\u2028\u2029]/g),
  /** .NET's System.Text.Json: in capitals, and beyond a list of harmless ASCII everything. */
  '.NET by default': (value) =>
    inStrings(JSON.stringify(value), (inside) =>
      inside.replace(/\\.|[^\x20-\x7e]|[+<>&'`]/gs, (text) => {
        if (text.startsWith('\\') && text !== '\\"') return text;
        return unicodeEscape(text.slice(-1)).toUpperCase().replace('U', 'u');
      }),
    ),
  /** For people, with the line ends of Windows. */
  'with indentation': (value) => JSON.stringify(value, null, 8).replaceAll('\n', '\r\n'),
  /** Every character of every string, those of names too. */
  'all escaped': (value) =>
    inStrings(JSON.stringify(value), (inside) => unicodeEscape(JSON.parse(`"${inside}"`) as string)),
};

/** Of so many bytes of UTF-8, of one character as far as it goes. */
export const textOf = (character: string, bytes: number): string => {
  const text = character.repeat(Math.floor(bytes / Buffer.byteLength(character)));
  return text + 'a'.repeat(bytes - Buffer.byteLength(text));
};

/** Of each length in UTF-8, and of each way in which JSON has to write or may write them. */
export const CHARACTERS: Readonly<Record<string, string>> = {
  letters: 'a',
  quotes: '"',
  backslashes: '\\',
  slashes: '/',
  'line ends': '\r\n',
  zeros: '\0',
  'other controls': '\u001f',
  'what delete gives': '\u007f',
  markup: `<&'+>`,
  'two bytes': 'é',
  'three bytes': '€',
  'line separators': '\u2028',
  'the last of three bytes': '\uffff',
  'surrogate pairs': '\u{1f511}',
  'the last of all': '\u{10ffff}',
};

const contextOf = (pairs: number, nameBytes: number, valueBytes: number, character: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: pairs }, (_, index) => [
      `${String(index).padStart(2, '0')}${textOf(character, nameBytes - 2)}`,
      textOf(character, valueBytes),
    ]),
  );

/** 12 pairs with the longest values. */
export const twelvePairs = (character: string): Record<string, string> =>
  contextOf(12, 4, MAX_CONTEXT_VALUE_BYTES, character);

/** The largest context that there is. */
export const largestContext = (character: string): Record<string, string> =>
  contextOf(MAX_CONTEXT_PAIRS, MAX_CONTEXT_NAME_BYTES, MAX_CONTEXT_VALUE_BYTES, character);
