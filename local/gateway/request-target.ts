import { parseQueryString, type QueryString } from './query-string';

/** The request target, split at its first question mark. Nothing is decoded or resolved. */
export interface RequestTarget {
  readonly path: string;
  /** Whether every reader of the path, such as a policy's pattern and a router, interprets it in the same way. */
  readonly isPlain: boolean;
  readonly rawQuery: string;
  /** Undefined if the query string cannot be parsed. */
  readonly query: QueryString | undefined;
}

/** Origin form (RFC 9112 section 3.2.1) of unreserved characters: no escape, no empty segment. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9._~-]+)+$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/** Parses the target of a request. A plain path has neither escapes nor dot or empty segments. */
export function parseRequestTarget(url: string): RequestTarget {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const rawQuery = question < 0 ? '' : url.slice(question + 1);
  const isPlain = PLAIN_PATH.test(path) && !DOT_SEGMENT.test(path);
  return { path, isPlain, rawQuery, query: parseQueryString(rawQuery) };
}
