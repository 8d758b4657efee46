import { defaultProvider } from '../../../lambdas/adapters/aws/lambda/environment-credentials';

type Name = 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN' | 'AWS_CREDENTIAL_EXPIRATION';
type Variables = Readonly<Partial<Record<Name, string>>>;

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

function setVariables(variables: Variables): void {
  process.env = { ...Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith('AWS_'))) };
  Object.assign(process.env, variables);
}

const PAIR = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example-not-a-secret' };
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' };

test.each<[string, Variables, unknown]>([
  ['a pair alone', PAIR, CREDENTIALS],
  ['a session, as on Lambda', { ...PAIR, AWS_SESSION_TOKEN: 'token' }, { ...CREDENTIALS, sessionToken: 'token' }],
  [
    'an expiration',
    { ...PAIR, AWS_CREDENTIAL_EXPIRATION: '2026-11-21T12:00:00Z' },
    { ...CREDENTIALS, expiration: new Date(Date.UTC(2026, 10, 21, 12)) },
  ],
  ['empty ones, as not set', { ...PAIR, AWS_SESSION_TOKEN: '', AWS_CREDENTIAL_EXPIRATION: '' }, CREDENTIALS],
])('%s', async (_what, variables, expected) => {
  setVariables(variables);
  expect(await defaultProvider()()).toEqual(expected);
});

test.each<[string, Variables, string]>([
  ['nothing', {}, 'no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY not set in the environment'],
  [
    'no key id',
    { AWS_SECRET_ACCESS_KEY: 'example-not-a-secret' },
    'no credentials: AWS_ACCESS_KEY_ID not set in the environment',
  ],
  [
    'an empty secret',
    { ...PAIR, AWS_SECRET_ACCESS_KEY: '' },
    'no credentials: AWS_SECRET_ACCESS_KEY not set in the environment',
  ],
  [
    'no time',
    { ...PAIR, AWS_CREDENTIAL_EXPIRATION: 'tomorrow' },
    'no credentials: AWS_CREDENTIAL_EXPIRATION is not a time',
  ],
])('%s is a rejection that says so, without a value', async (_what, variables, message) => {
  setVariables(variables);
  await expect(defaultProvider()()).rejects.toThrow(new Error(message));
});

test('the environment is read again at every call', async () => {
  setVariables(PAIR);
  const provide = defaultProvider();
  expect(await provide()).toEqual(CREDENTIALS);
  setVariables({ ...PAIR, AWS_ACCESS_KEY_ID: 'AKIDNEXT' });
  expect(await provide()).toEqual({ ...CREDENTIALS, accessKeyId: 'AKIDNEXT' });
});
