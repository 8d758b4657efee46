import { readAwsCredentialsPath } from '../../../lambdas/adapters/vault/aws-credentials-path';

const read = (path: string | undefined) => readAwsCredentialsPath({ VAULT_AWS_CREDENTIALS: path });

test.each(['aws/sts/keyward', 'aws/creds/keyward', 'team/aws-eu/sts/Key.ward@1_x', 'sts/sts/r'])(
  'a path: %s',
  (path) => {
    expect(read(path)).toBe(path);
  },
);

test.each([undefined, ''])('none: %p', (path) => {
  expect(read(path)).toBeUndefined();
});

test.each([
  'canary',
  'sts/canary',
  'aws/roles/canary',
  'aws/static-creds/canary',
  'aws/sts/',
  'aws/sts/canary/more',
  '/aws/sts/canary',
  'aws//sts/canary',
  'aws/sts/canary?ttl=1',
  'aws/sts/../canary',
  '../aws/sts/canary',
  'aws/sts/canary\n',
  'aws/sts/canary ',
  'v1/aws/sts/.canary',
  'aws/sts/canary.',
  'aws/STS/canary',
  `aws/sts/${'canary'.repeat(60)}`,
  'https://vault/v1/aws/sts/canary',
])('no path: %j', (path) => {
  const thrown = (() => {
    try {
      return read(path);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toMatchObject({
    code: 'configuration_invalid',
    message: 'VAULT_AWS_CREDENTIALS must be the path of a role, such as aws/sts/keyward or aws/creds/keyward',
  });
});
