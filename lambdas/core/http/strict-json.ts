import { invalidRequest } from '../domain/errors';

/** Containers inside each other, the outermost counted as 1. */
export const MAX_JSON_DEPTH = 8;

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Parses JSON (RFC 8259) and refuses what two readers could take in two ways: a byte order mark, a member name that
 * occurs twice in an object, the name `__proto__`, a lone surrogate in any name or string, spelled out or escaped, and
 * more than {@link MAX_JSON_DEPTH} levels. Everything else that `JSON.parse` takes is taken, with its result.
 *
 * @throws KeywardError `invalid_request`; the message names the rule, never content
 */
export function parseStrictJson(text: string): unknown {
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) throw invalidRequest('the JSON begins with a byte order mark');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidRequest('the text is not JSON');
  }
  if (!text.isWellFormed()) throw loneSurrogate();
  scan(text);
  return value;
}

/** Walks text that is known to be JSON, so that it only has to tell containers, strings and names apart. */
function scan(text: string): void {
  const names: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (names.length === MAX_JSON_DEPTH) throw invalidRequest(`the JSON has more than ${MAX_JSON_DEPTH} levels`);
        names.push(undefined);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        names.pop();
        break;
      case QUOTE:
        at = scanString(text, at, names);
        break;
    }
  }
}

/** Checks the string that begins at `start` and returns where it ends. `names` holds the open objects' names so far. */
function scanString(text: string, start: number, names: (Set<string> | undefined)[]): number {
  let escaped = false;
  let unicodeEscaped = false;
  let end = start + 1;
  for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(++end)) {
    if (code !== BACKSLASH) continue;
    escaped = true;
    if (text.charCodeAt(++end) === LOWER_U) unicodeEscaped = true;
  }
  if (unicodeEscaped && !decode(text, start, end).isWellFormed()) throw loneSurrogate();
  if (!isName(text, end)) return end;
  const name = escaped ? decode(text, start, end) : text.slice(start + 1, end);
  if (name === '__proto__') throw invalidRequest('the JSON has a member named __proto__');
  const known = (names[names.length - 1] ??= new Set());
  if (known.size === known.add(name).size) throw invalidRequest('the JSON has a member name twice in one object');
  return end;
}

/** In JSON a string is a member's name exactly if a colon follows. */
function isName(text: string, end: number): boolean {
  let next = end + 1;
  while (text.charCodeAt(next) <= 0x20) next++;
  return text.charCodeAt(next) === COLON;
}

const decode = (text: string, start: number, end: number): string => JSON.parse(text.slice(start, end + 1)) as string;

const loneSurrogate = () => invalidRequest('the JSON has text that is not well-formed Unicode');
