import { readFunctionVaultSettings } from '../../../lambdas/adapters/vault/function-vault-settings';
import { readVaultSettings } from '../../../lambdas/adapters/vault/vault-settings';

const HOME = 'us-east-1';
const GOOD = { VAULT_ADDR: 'https://vault.example:8200', VAULT_ROLE_ID: 'role', VAULT_SECRET_ID: 'secret' };

test('one address is the home region, and the path has a default', () => {
  expect(readVaultSettings(GOOD, HOME)).toEqual({
    addresses: [{ region: HOME, url: new URL(GOOD.VAULT_ADDR) }],
    namespace: undefined,
    caCert: undefined,
    tlsServerName: undefined,
    roleId: 'role',
    secretId: { kind: 'value', value: 'secret' },
    kekPath: 'secret/keyward/kek',
  });
});

test('pairs are by region, home first; the other settings are taken as they are', () => {
  const settings = readVaultSettings(
    {
      VAULT_ADDR: 'us-east-1=https://a:8200/base, eu-west-1=https://b',
      VAULT_NAMESPACE: 'admin/team',
      VAULT_CACERT: '/ca.pem',
      VAULT_TLS_SERVER_NAME: 'vault.internal',
      VAULT_ROLE_ID: 'role',
      VAULT_WRAPPED_SECRET_ID: 'hvs.x',
      VAULT_KEK_PATH: 'team/kv/keyward/kek',
    },
    HOME,
  );
  expect(settings.addresses.map(({ region, url }) => [region, url.href])).toEqual([
    ['us-east-1', 'https://a:8200/base'],
    ['eu-west-1', 'https://b/'],
  ]);
  expect(settings).toMatchObject({ namespace: 'admin/team', caCert: '/ca.pem', tlsServerName: 'vault.internal' });
  expect(settings).toMatchObject({ secretId: { kind: 'wrapped', token: 'hvs.x' }, kekPath: 'team/kv/keyward/kek' });
  const { VAULT_SECRET_ID: _, ...others } = GOOD;
  expect(readVaultSettings({ ...others, VAULT_SECRET_ID_FILE: '/s' }, HOME).secretId).toEqual({
    kind: 'file',
    path: '/s',
  });
});

test.each(['http://127.0.0.1:8200', 'http://127.8.9.10:8200', 'http://localhost:8200', 'http://[::1]:8200'])(
  'plain HTTP is for this machine: %s',
  (address) => {
    expect(readVaultSettings({ ...GOOD, VAULT_ADDR: address }, HOME).addresses[0].url.href).toContain(address);
  },
);

test.each([
  'http://localhost.evil.example',
  'http://localhost.',
  'http://notlocalhost',
  'http://127.0.0.1.evil.example',
  'http://127.evil.example',
  'http://[::2]',
  'http://[::]',
  'http://[::ffff:10.0.0.1]',
  'http://[1::1]',
  'http://0.0.0.0',
  'http://10.0.0.1',
  'http://2130706434.example',
  'us-east-1=http://127.0.0.1,eu-west-1=http://vault.example',
])('and for no other, whatever its name looks like: %s', (address) => {
  expect(() => readVaultSettings({ ...GOOD, VAULT_ADDR: address }, HOME)).toThrow(/^VAULT_ADDR must begin with https/);
});

const CANARY = 'canary';
test.each<[string, Record<string, string | undefined>, RegExp]>([
  ['no address', { VAULT_ADDR: '' }, /^VAULT_ADDR is not set$/],
  ['no address at all', { VAULT_ADDR: CANARY }, /^VAULT_ADDR must be an address/],
  ['another protocol', { VAULT_ADDR: `ftp://${CANARY}` }, /^VAULT_ADDR must be an address/],
  ['a password in it', { VAULT_ADDR: `https://a:${CANARY}@b` }, /^VAULT_ADDR must be an address/],
  ['a query', { VAULT_ADDR: `https://a/?${CANARY}` }, /^VAULT_ADDR must have no query$/],
  ['plain HTTP', { VAULT_ADDR: `http://${CANARY}` }, /^VAULT_ADDR must begin with https/],
  [
    'plain HTTP to what looks like this machine',
    { VAULT_ADDR: `http://127.0.0.1.${CANARY}.example` },
    /^VAULT_ADDR must begin with https/,
  ],
  ['a pair without a region', { VAULT_ADDR: 'https://a,https://b' }, /^VAULT_ADDR must be one address, or pairs/],
  ['a region twice', { VAULT_ADDR: 'a=https://a,a=https://b' }, /^VAULT_ADDR has a region twice$/],
  ['no role', { VAULT_ROLE_ID: undefined }, /^VAULT_ROLE_ID is not set$/],
  ['a role with a line end', { VAULT_ROLE_ID: `${CANARY}\n` }, /^VAULT_ROLE_ID must be/],
  [
    'no secret id',
    { VAULT_SECRET_ID: '' },
    /^VAULT_SECRET_ID is not set, and neither is VAULT_SECRET_ID_FILE or VAULT_WRAPPED/,
  ],
  [
    'two secret ids',
    { VAULT_SECRET_ID_FILE: CANARY },
    /^VAULT_SECRET_ID and VAULT_SECRET_ID_FILE must not be set together$/,
  ],
  ['a secret id with a line end', { VAULT_SECRET_ID: `${CANARY}\n` }, /^VAULT_SECRET_ID must be visible ASCII/],
  ['a namespace that is none', { VAULT_NAMESPACE: `../${CANARY}` }, /^VAULT_NAMESPACE must be/],
  ['a server name that is none', { VAULT_TLS_SERVER_NAME: `${CANARY}:1` }, /^VAULT_TLS_SERVER_NAME must be/],
  ['a path without a mount', { VAULT_KEK_PATH: CANARY }, /^VAULT_KEK_PATH must be a path with its mount/],
  ['a path that climbs', { VAULT_KEK_PATH: `a/../${CANARY}` }, /^VAULT_KEK_PATH must be a path with its mount/],
  ['the pending path', { VAULT_KEK_PATH: `a/${CANARY}-pending` }, /^VAULT_KEK_PATH must not end in -pending$/],
])('%s is refused in one sentence that names the variable and does not repeat it', (_name, change, sentence) => {
  const read = () => readVaultSettings({ ...GOOD, ...change }, HOME);
  expect(read).toThrow(sentence);
  try {
    read();
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'configuration_invalid' });
    expect(String(thrown)).not.toContain(CANARY);
  }
});

describe('of a function', () => {
  const PAIRS = 'eu-west-1=https://b, us-east-1=https://a';
  const APP_ROLE = { VAULT_ADDR: PAIRS, VAULT_ROLE_ID: 'role', VAULT_SECRET_ID_SECRET: 'vault/secret-id' };
  const OUTSIDE = {
    VAULT_ADDR: PAIRS,
    VAULT_ROLE_ID: 'role',
    VAULT_SECRET_ID_FILE: '/secret-id',
    VAULT_AWS_CREDENTIALS: 'aws/sts/keyward',
  };
  const IDENTITY = { VAULT_ADDR: PAIRS, VAULT_AUTH: 'aws', VAULT_AWS_ROLE: 'keyward' };
  const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

  test('the home region is first, whatever the order, and the login is by the method', () => {
    const settings = readFunctionVaultSettings({ ...APP_ROLE, VAULT_CACERT: CA }, HOME);
    expect(settings.addresses.map(({ region }) => region)).toEqual([HOME, 'eu-west-1']);
    expect(settings).toMatchObject({
      caCert: CA,
      login: { method: 'approle', roleId: 'role', secret: 'vault/secret-id' },
    });
    const secret = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:vault/secret-id-AbCdEf';
    expect(readFunctionVaultSettings({ ...APP_ROLE, VAULT_SECRET_ID_SECRET: secret }, HOME).login).toMatchObject({
      secret,
    });
    expect(readFunctionVaultSettings(IDENTITY, HOME).login).toEqual({
      method: 'aws',
      role: 'keyward',
      serverId: undefined,
      stsRegion: undefined,
    });
    const more = { VAULT_AWS_SERVER_ID: 'vault.example', VAULT_AWS_STS_REGION: 'eu-west-1' };
    expect(readFunctionVaultSettings({ ...IDENTITY, ...more }, HOME).login).toMatchObject({
      serverId: 'vault.example',
      stsRegion: 'eu-west-1',
    });
  });

  test('that gets its credentials from Vault has the secret id itself', () => {
    const login = (env: Record<string, string>) => readFunctionVaultSettings(env, HOME).login;
    expect(login(OUTSIDE)).toEqual({ method: 'own', roleId: 'role', secretId: { kind: 'file', path: '/secret-id' } });
    expect(login({ ...OUTSIDE, VAULT_SECRET_ID_FILE: '', VAULT_SECRET_ID: 'id' })).toMatchObject({
      secretId: { kind: 'value', value: 'id' },
    });
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ ...APP_ROLE, VAULT_SECRET_ID: CANARY }, /^VAULT_SECRET_ID is not for functions: set VAULT_SECRET_ID_SECRET/],
    [{ ...APP_ROLE, VAULT_SECRET_ID_FILE: CANARY }, /^VAULT_SECRET_ID_FILE is not for functions/],
    [{ ...APP_ROLE, VAULT_WRAPPED_SECRET_ID: CANARY }, /^VAULT_WRAPPED_SECRET_ID is not for functions/],
    [{ ...APP_ROLE, VAULT_SECRET_ID_SECRET: '' }, /^VAULT_SECRET_ID_SECRET is not set$/],
    [{ ...APP_ROLE, VAULT_SECRET_ID_SECRET: `${CANARY} ` }, /^VAULT_SECRET_ID_SECRET must be the name or the ARN/],
    [{ ...APP_ROLE, VAULT_ROLE_ID: '' }, /^VAULT_ROLE_ID is not set$/],
    [{ ...APP_ROLE, VAULT_AUTH: CANARY }, /^VAULT_AUTH must be approle or aws$/],
    [{ ...APP_ROLE, VAULT_CACERT: `/${CANARY}.pem` }, /^VAULT_CACERT holds no certificate in PEM$/],
    [{ ...APP_ROLE, VAULT_ADDR: `eu-west-1=https://${CANARY}` }, /^VAULT_ADDR has no pair for the home region$/],
    [{ ...OUTSIDE, VAULT_SECRET_ID_FILE: '' }, /^VAULT_SECRET_ID is not set, and neither is VAULT_SECRET_ID_FILE/],
    [{ ...OUTSIDE, VAULT_SECRET_ID: CANARY }, /^VAULT_SECRET_ID and VAULT_SECRET_ID_FILE must not be set together$/],
    [
      { ...OUTSIDE, VAULT_SECRET_ID_FILE: '', VAULT_WRAPPED_SECRET_ID: CANARY },
      /^VAULT_WRAPPED_SECRET_ID is not for functions: set VAULT_SECRET_ID_FILE$/,
    ],
    [
      { ...OUTSIDE, VAULT_SECRET_ID_SECRET: CANARY },
      /^VAULT_SECRET_ID_SECRET must not be set with VAULT_AWS_CREDENTIALS: set VAULT_SECRET_ID_FILE$/,
    ],
    [{ ...OUTSIDE, VAULT_AUTH: 'aws' }, /^VAULT_AUTH must not be set with VAULT_AWS_CREDENTIALS/],
    [{ ...OUTSIDE, VAULT_ROLE_ID: '' }, /^VAULT_ROLE_ID is not set$/],
    [{ ...IDENTITY, VAULT_AWS_ROLE: '' }, /^VAULT_AWS_ROLE is not set$/],
    [{ ...IDENTITY, VAULT_AWS_ROLE: `a/${CANARY}` }, /^VAULT_AWS_ROLE must be the name of a role$/],
    [{ ...IDENTITY, VAULT_AWS_SERVER_ID: `${CANARY}\r\nx: y` }, /^VAULT_AWS_SERVER_ID must be visible ASCII/],
    [{ ...IDENTITY, VAULT_AWS_STS_REGION: `${CANARY}.example` }, /^VAULT_AWS_STS_REGION must be a region$/],
  ])('%j is refused', (env, message) => {
    let error = new Error();
    try {
      readFunctionVaultSettings(env, HOME);
    } catch (thrown) {
      error = thrown as Error;
    }
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(CANARY);
    expect(error).toMatchObject({ code: 'configuration_invalid' });
  });
});
