import { connectionOf } from '../../../cli/client/connection';

test('local mode by default, in its own region whatever the environment says', () => {
  const { endpoint, region, isLocal } = connectionOf({}, { AWS_REGION: 'eu-west-1', KEYWARD_ENDPOINT: '' });
  expect([endpoint.href, region, isLocal]).toEqual(['http://127.0.0.1:8787/', 'us-east-1', true]);
  expect(connectionOf({ region: 'eu-west-1' }, {}).region).toBe('eu-west-1');
});

test('an option comes before the environment', () => {
  const env = {
    KEYWARD_ENDPOINT: 'https://a.example.com/prod',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-2',
  };
  expect(connectionOf({}, env)).toMatchObject({ region: 'eu-west-1', isLocal: false });
  expect(connectionOf({}, env).endpoint.href).toBe('https://a.example.com/prod');
  expect(connectionOf({}, { ...env, AWS_REGION: '' }).region).toBe('eu-west-2');
  expect(connectionOf({}, { KEYWARD_ENDPOINT: env.KEYWARD_ENDPOINT }).region).toBe('us-east-1');
  const chosen = connectionOf({ endpoint: 'https://b.example.com', region: 'us-west-2' }, env);
  expect([chosen.endpoint.hostname, chosen.region]).toEqual(['b.example.com', 'us-west-2']);
});

test.each(['http://localhost:1', 'http://127.0.0.2:1', 'http://[::1]:1'])('%s is a local server', (endpoint) => {
  expect(connectionOf({ endpoint }, { AWS_REGION: 'eu-west-1' })).toMatchObject({ isLocal: true, region: 'us-east-1' });
});

test.each(['https://localhost:1', 'https://127.0.0.1:1', 'https://[::1]:1'])(
  '%s is a tunnel to a deployment',
  (endpoint) => {
    expect(connectionOf({ endpoint }, { AWS_REGION: 'eu-west-1' })).toMatchObject({
      isLocal: false,
      region: 'eu-west-1',
    });
  },
);

test.each([
  'http://keyward.example.com',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'http://0.0.0.0:8787',
])('%s would send secrets unencrypted', (endpoint) => {
  expect(() => connectionOf({ endpoint }, {})).toThrow('must be https');
});

test.each([
  'nonsense',
  'ftp://127.0.0.1',
  'https://user:secret@example.com',
  'https://example.com?a=b',
  'https://example.com#a',
])('%s is no endpoint, and is not repeated', (endpoint) => {
  expect(() => connectionOf({ endpoint }, {})).toThrow(/^the endpoint must be a URL such as/);
});

test('a region is checked', () => {
  expect(() => connectionOf({ region: 'us east' }, {})).toThrow('region');
});
