import {
  MAX_CONTEXT_NAME_BYTES,
  MAX_CONTEXT_PAIRS,
  MAX_CONTEXT_VALUE_BYTES,
} from '../../lambdas/core/crypto/encryption-context';

/** Forms of the same JSON value in different programs. */
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

/** JSON.stringify's text, split into its strings and the text between them. */
const inStrings = (json: string, one: (inside: string) => string, between = (text: string): string => text): string =>
  json
    .split(/("(?:[^"\\]|\\.)*")/s)
    .map((part, index) => (index % 2 === 1 ? `"${one(part.slice(1, -1))}"` : between(part)))
    .join('');

export const JSON_FORMS: Readonly<Record<string, JsonForm>> = {
  /** JavaScript, `jq`: only required escapes. */
  'as it is': (value) => JSON.stringify(value),
  /** Python's `json.dumps`: `ensure_ascii`, a space after each comma and colon. */
  'Python by default': (value) =>
    inStrings(
      JSON.stringify(value),
      (inside) => inside.replace(/[^\x20-\x7e]/g, unicodeEscape),
      (between) => between.replaceAll(/[,:]/g, '$& '),
    ),
  /** PHP's `json_encode`: escapes slashes and everything that is not ASCII. */
  'PHP by default': (value) => escapeSlashes(escaping(/[^\x20-\x7e]/g)(value)),
  /** Go's `encoding/json`, and Java's Gson: escape what HTML could read as markup. */
  'Go by default': escaping(/[<>&\u2028\u2029]/g),
  /** .NET's System.Text.Json: escapes in capitals, everything beyond a list of harmless ASCII. */
  '.NET by default': (value) =>
    inStrings(JSON.stringify(value), (inside) =>
      inside.replace(/\\.|[^\x20-\x7e]|[+<>&'`]/gs, (text) => {
        if (text.startsWith('\\') && text !== '\\"') return text;
        return unicodeEscape(text.slice(-1)).toUpperCase().replace('U', 'u');
      }),
    ),
  /** Indented, with the line ends of Windows. */
  'with indentation': (value) => JSON.stringify(value, null, 8).replaceAll('\n', '\r\n'),
  /** Escapes every character of every string, names included. */
  'all escaped': (value) =>
    inStrings(JSON.stringify(value), (inside) => unicodeEscape(JSON.parse(`"${inside}"`) as string)),
};

/** A string of this many bytes of UTF-8, filled with one character as far as it fits. */
export const textOf = (character: string, bytes: number): string => {
  const text = character.repeat(Math.floor(bytes / Buffer.byteLength(character)));
  return text + 'a'.repeat(bytes - Buffer.byteLength(text));
};

/** Characters of each length in UTF-8, and of each kind that JSON must or may escape. */
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

/** The largest possible context. */
export const largestContext = (character: string): Record<string, string> =>
  contextOf(MAX_CONTEXT_PAIRS, MAX_CONTEXT_NAME_BYTES, MAX_CONTEXT_VALUE_BYTES, character);
