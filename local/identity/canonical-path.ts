/**
 * Returns the path of the canonical request of Signature Version 4: dot segments and empty segments are removed, and the rest is
 * encoded once more, so that an escape in the sent path becomes `%25` and its two digits. That is the rule of every service but
 * S3 ("Each path segment must be URI-encoded twice", AWS General Reference, "Create a canonical request"), `execute-api` among
 * them: for a path with `$default/%40connections` its own refusal had `%24default/%2540connections` (aws-sdk-net, issue 3132).
 * Empty segments are removed as botocore does for AWS services (`remove_dot_segments`).
 *
 * Use it only for verification: several paths have the same canonical path.
 *
 * @param path as received, each character a byte
 */
export function canonicalPath(path: string): string {
  if (CANONICAL.test(path)) return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const [first, last] = [path.startsWith('/') ? '/' : '', segments.length > 0 && path.endsWith('/') ? '/' : ''];
  return encodeOnceMore(`${first}${segments.join('/')}${last}`);
}

/** Segments of unreserved characters that do not begin with a dot: such a path is already canonical. */
const CANONICAL = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/;

/** RFC 3986 section 2.3: encodes all bytes but unreserved characters and the slash. */
const encodeOnceMore = (path: string): string =>
  path.replaceAll(/[^A-Za-z0-9._~/-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
