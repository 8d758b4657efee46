import { isRecord } from './record-checks';

/** The type of a JSON value. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/**
 * The JSON Canonicalization Scheme (RFC 8785): members sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. Members whose value is undefined are left out.
 *
 * Refuses values that JSON cannot hold, because they would share their text with another value: a Set (which the DynamoDB client
 * makes of a string set) looks like `{}`, a gap in an array like an empty text.
 *
 * @throws RangeError for a number that JSON cannot carry, a lone surrogate, or a value that is not JSON
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError('number is not finite');
      return JSON.stringify(value);
    case 'string':
      if (!value.isWellFormed()) throw new RangeError('text is not well-formed Unicode');
      return JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? canonicalArray(value) : canonicalObject(value);
    default:
      throw new RangeError('value is not JSON');
  }
}

/** `Array.from` turns gaps into undefined, which is refused; `map` would skip them. */
const canonicalArray = (items: readonly unknown[]): string => `[${Array.from(items, canonicalJson).join(',')}]`;

function canonicalObject(record: object): string {
  if (!isRecord(record)) throw new RangeError('value is not JSON');
  const members = Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${canonicalJson(name)}:${canonicalJson(value)}`);
  return `{${members.join(',')}}`;
}
