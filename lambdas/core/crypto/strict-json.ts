import type { JsonValue } from './canonical-json';
import { exactNumber } from './exact-number';

/** Maximum nesting of containers; the outermost counts as 1. */
export const MAX_JSON_DEPTH = 8;

export const NOT_JSON = 'the text is not JSON';

/** The value of a JSON text, or the rule that it breaks, without repeating any of it. */
export type JsonReading = { readonly value: JsonValue } | { readonly fault: string };

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const BACKSLASH = 0x5c;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Reads JSON (RFC 8259) and refuses what two readers could read differently: a byte order mark, a member name that occurs twice
 * in an object, the name `__proto__`, a lone surrogate in any name or string, spelled out or escaped, a number that no double
 * holds ({@link exactNumber}), and more than {@link MAX_JSON_DEPTH} levels. Everything else is accepted with the result of
 * `JSON.parse`, and can be written as canonical JSON. Never throws.
 */
export const readStrictJson = (text: string): JsonReading => readJson(text, 'value');

/**
 * Reads JSON that is kept as text, and so may have any depth and any number. Refuses a member name that occurs twice in an
 * object, a lone surrogate and a byte order mark, which later readers could read differently. Never throws.
 */
export const readKeptJson = (text: string): JsonReading => readJson(text, 'text');

/** What is kept of the JSON: its value, or its text. */
type Kept = 'value' | 'text';

function readJson(text: string, kept: Kept): JsonReading {
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) return { fault: 'the JSON begins with a byte order mark' };
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    // The error of JSON.parse would quote its input.
    return { fault: NOT_JSON };
  }
  const fault = text.isWellFormed() ? faultOf(text, kept) : NOT_WELL_FORMED;
  return fault === undefined ? { value } : { fault };
}

/** As {@link readStrictJson}; undefined if the text is refused. */
export function parseStrictJson(text: string): JsonValue | undefined {
  const reading = readStrictJson(text);
  return 'value' in reading ? reading.value : undefined;
}

const NOT_WELL_FORMED = 'the JSON has text that is not well-formed Unicode';

/** Scans text that is known to be JSON, so it only has to tell containers, strings, names and numbers apart. */
function faultOf(text: string, kept: Kept): string | undefined {
  const isRead = kept === 'value';
  const names: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const read = readString(text, at, names, isRead);
      if (read.fault !== undefined) return read.fault;
      at = read.end;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (isRead && names.length === MAX_JSON_DEPTH) return `the JSON has more than ${MAX_JSON_DEPTH} levels`;
      names.push(undefined);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      names.pop();
    } else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at);
      if (isRead && exactNumber(text.slice(at, end)) === undefined) {
        return 'the JSON has a number that cannot be kept exactly';
      }
      at = end - 1;
    }
  }
  return undefined;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  for (let code = text.charCodeAt(end); isNumberPart(code); code = text.charCodeAt(++end));
  return end;
}

const isNumberPart = (code: number): boolean =>
  isDigit(code) || code === POINT || code === LOWER_E || code === UPPER_E || code === PLUS || code === MINUS;

/** Checks the string that begins at `start` and finds its end. `names` holds the open objects' names so far. */
function readString(
  text: string,
  start: number,
  names: (Set<string> | undefined)[],
  isRead: boolean,
): { readonly end: number; readonly fault?: string } {
  let escaped = false;
  let unicodeEscaped = false;
  let end = start + 1;
  for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(++end)) {
    if (code !== BACKSLASH) continue;
    escaped = true;
    if (text.charCodeAt(++end) === LOWER_U) unicodeEscaped = true;
  }
  if (unicodeEscaped && !decode(text, start, end).isWellFormed()) return { end, fault: NOT_WELL_FORMED };
  if (!isName(text, end)) return { end };
  const name = escaped ? decode(text, start, end) : text.slice(start + 1, end);
  if (isRead && name === '__proto__') return { end, fault: 'the JSON has a member named __proto__' };
  const known = (names[names.length - 1] ??= new Set());
  if (known.size === known.add(name).size) return { end, fault: 'the JSON has a member name twice in one object' };
  return { end };
}

/** Whether a string is a member's name: a colon follows. */
function isName(text: string, end: number): boolean {
  let next = end + 1;
  while (text.charCodeAt(next) <= 0x20) next++;
  return text.charCodeAt(next) === COLON;
}

const decode = (text: string, start: number, end: number): string => JSON.parse(text.slice(start, end + 1)) as string;
