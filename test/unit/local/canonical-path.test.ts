import { canonicalPath } from '../../../local/identity/canonical-path';

test.each([
  ['/', '/'],
  ['/v1/providers/openai/encrypt', '/v1/providers/openai/encrypt'],
  ['/A-Z_a.z~0', '/A-Z_a.z~0'],
  // What AWS itself made of a path, by aws-sdk-net, issue 3132.
  ['/$default/%40connections/abc%3D', '/%24default/%2540connections/abc%253D'],
  ['/%2e%2e/a', '/%252e%252e/a'],
  ['/a%2Fb', '/a%252Fb'],
  ['/caf\u00c3\u00a9', '/caf%C3%A9'],
  ['/a\tb\\c', '/a%09b%5Cc'],
  ['//a///b//', '/a/b/'],
  ['/a/./b/../c', '/a/c'],
  ['/../..', '/'],
  ['/a/..', '/'],
  ['//', '/'],
  ['/...', '/...'],
  ['*', '%2A'],
  ['', ''],
  ['http://127.0.0.1:8787/v1', 'http%3A/127.0.0.1%3A8787/v1'],
])('%s is signed as %s', (path, canonical) => {
  expect(canonicalPath(path)).toBe(canonical);
});
