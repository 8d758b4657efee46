import { parseRequestTarget } from '../../../local/gateway/request-target';

test.each(['/healthz', '/v1/providers/openai/encrypt', '/v1/providers/openai/credentials/a.b_c-d', '/a/...', '/a/.b'])(
  '%j is plain',
  (url) => {
    expect(parseRequestTarget(url)).toMatchObject({ path: url, isPlain: true, rawQuery: '' });
  },
);

test.each([
  '/',
  '',
  '*',
  'v1/providers',
  'http://127.0.0.1/v1/providers',
  '//v1/providers',
  '/v1//providers',
  '/v1/providers/',
  '/v1/./providers',
  '/v1/providers/openai/../google',
  '/v1/providers/openai/..',
  '/..',
  '/v1/providers/openai/%2e%2e/google',
  '/v1/providers/openai%2Fencrypt',
  '/v1/providers/%6fpenai',
  '/v1/providers/openai;x/encrypt',
  '/v1/providers/openai\\..\\google',
  '/v1/providers/openai#/encrypt',
  '/v1/providers/öpenai',
  '/v1/providers/openai:*',
])('%j is not', (url) => {
  expect(parseRequestTarget(url).isPlain).toBe(false);
});

test('ends at the first question mark', () => {
  expect(parseRequestTarget('/a?b=c?d')).toMatchObject({ path: '/a', rawQuery: 'b=c?d', isPlain: true });
});

test('reads a query string once for signature and handler', () => {
  const { query } = parseRequestTarget('/a?b=%C3%A9&a=2&a=1+0&&c&d=e%3Df%26');
  expect(query?.pairs).toEqual([
    ['b', 'é'],
    ['a', '2'],
    ['a', '1 0'],
    ['c', ''],
    ['d', 'e=f&'],
  ]);
  expect(query?.canonical).toBe('a=1%200&a=2&b=%C3%A9&c=&d=e%3Df%26');
});

test('sorts names by their encoded bytes, and a name before a longer one', () => {
  expect(parseRequestTarget("/?a-b=1&a=2&B=3&~=4&!'()*=5").query?.canonical).toBe(
    '%21%27%28%29%2A=5&B=3&a=2&a-b=1&~=4',
  );
});

test.each(['a=%', 'a=%zz', '%ff=a', 'a=%C3'])('cannot read %j', (rawQuery) => {
  expect(parseRequestTarget(`/a?${rawQuery}`).query).toBeUndefined();
});
