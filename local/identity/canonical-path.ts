/**
 * The path as the canonical request of Signature Version 4 has it: dot segments and empty ones are taken out, and what came is
 * encoded once more, so that an escape of the path as it was sent is there as `%25` and its two digits. That is the rule of every service but S3 ("Each path
 * segment must be URI-encoded twice", AWS General Reference, "Create a canonical request"), `execute-api` among them: of a path with `$default/%40connections` its own
 * refusal had `%24default/%2540connections` (aws-sdk-net, issue 3132). Empty segments go as botocore says of AWS services (`remove_dot_segments`).
 *
 * It serves to verify and for nothing else: several paths have the same canonical one.
 *
 * @param path as it came, each character a byte
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

/** Segments of unreserved characters, none of which begins with a dot: nothing is taken out of such a path, and nothing is encoded. */
const CANONICAL = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/;

/** RFC 3986 section 2.3: all but unreserved characters and the slash, byte for byte. */
const encodeOnceMore = (path: string): string =>
  path.replaceAll(/[^A-Za-z0-9._~/-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
