/** A query string, parsed once: the handler gets what the signature covers. */
export interface QueryString {
  /** Decoded names and values, in the order of the request. */
  readonly pairs: readonly (readonly [name: string, value: string])[];
  /** The canonical form that Signature Version 4 signs. */
  readonly canonical: string;
}

const EMPTY: QueryString = { pairs: [], canonical: '' };

/**
 * Parses a query string as API Gateway does: a plus is a space, a name without `=` has an empty value. The canonical form is
 * every name and value percent-encoded by the rules of RFC 3986, sorted by name and then by value (IAM User Guide, "Create a
 * signed AWS API request", step 1).
 *
 * @param raw the text after the question mark
 * @returns undefined if a percent escape is broken or not UTF-8
 */
export function parseQueryString(raw: string): QueryString | undefined {
  if (raw === '') return EMPTY;
  try {
    const pairs = raw
      .split('&')
      .filter((part) => part !== '')
      .map((part): [string, string] => {
        const equals = part.indexOf('=');
        return equals < 0 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
      });
    const canonical = pairs
      .map(([name, value]): [string, string] => [encode(name), encode(value)])
      .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    return { pairs, canonical };
  } catch {
    return undefined;
  }
}

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

/** Keeps unreserved characters, and encodes all others as upper-case escapes of their UTF-8 bytes. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
