import { checkKekStore } from '../../../lambdas/adapters/vault/check-kek-store';
import { openVault } from '../../../lambdas/adapters/vault/open-vault';
import { createAppRoleLogin } from '../../../lambdas/adapters/vault/vault-login';
import { TestClock } from '../../doubles/memory-ports';
import { RecordingFailures } from '../../doubles/recording-failures';
import {
  makeRotator,
  openFor,
  preparePaths,
  READER_POLICY,
  ROTATOR_POLICY,
  startVaultUnderTest,
  transportTo,
  type Rotator,
  type VaultUnderTest,
} from './vault-under-test';

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest();
});
afterAll(() => vault.close());

const check = async (rotator: Rotator): Promise<string> => {
  const { access } = await openFor(vault, rotator, new TestClock());
  try {
    await checkKekStore(access);
    return 'as it should be';
  } catch (thrown) {
    const { code, message } = thrown as { code: string; message: string };
    expect(code).toBe('configuration_invalid');
    return message.replaceAll(rotator.mount, 'kv');
  }
};

const metadata = (rotator: Rotator, end: string, body: object) =>
  vault.admin('POST', `${rotator.mount}/metadata/keyward/kek${end}`, body);

it('accepts a mount or paths that require check-and-set and keep ten versions', async () => {
  expect(await check(await makeRotator(vault))).toBe('as it should be');
  const rotator = await makeRotator(vault);
  await vault.admin('POST', `${rotator.mount}/config`, { cas_required: false, max_versions: 2 });
  await preparePaths(vault, rotator);
  expect(await check(rotator)).toBe('as it should be');
});

it.each<[string, object, string, object | undefined, string]>([
  [
    'too few versions',
    { max_versions: 9 },
    '',
    undefined,
    'kv/keyward/kek keeps fewer than 10 versions: vault kv metadata put -max-versions=10 kv/keyward/kek',
  ],
  [
    'too few of the pending path',
    {},
    '-pending',
    { max_versions: 1 },
    'kv/keyward/kek-pending keeps fewer than 10 versions: vault kv metadata put -max-versions=10 kv/keyward/kek-pending',
  ],
  [
    'versions that end',
    { delete_version_after: '3h' },
    '',
    undefined,
    'kv/ deletes versions by itself, so that the KEK would be lost: vault write kv/config delete_version_after=0s',
  ],
  [
    'versions of the path that end',
    {},
    '',
    { delete_version_after: '3h' },
    'kv/keyward/kek deletes versions by itself, so that the KEK would be lost: vault kv metadata put -delete-version-after=0s kv/keyward/kek',
  ],
  [
    'no check-and-set',
    { cas_required: false },
    '',
    undefined,
    'kv/keyward/kek takes writes without check-and-set: vault kv metadata put -cas-required=true -max-versions=10 kv/keyward/kek',
  ],
])('refuses %s, with the command that mends it', async (_name, config, end, ofPath, sentence) => {
  const rotator = await makeRotator(vault);
  if (ofPath !== undefined) await metadata(rotator, end, ofPath);
  await vault.admin('POST', `${rotator.mount}/config`, config);
  expect(await check(rotator)).toBe(sentence);
});

it('refuses KV version 1', async () => {
  const rotator = await makeRotator(vault);
  const mount = `${rotator.mount}v1`;
  await vault.admin('POST', `sys/mounts/${mount}`, { type: 'kv', options: { version: '1' } });
  await vault.admin('POST', `sys/policies/acl/${rotator.role}`, {
    policy: `path "${mount}/*" { capabilities = ["read"] }`,
  });
  expect(await check({ ...rotator, kekPath: `${mount}/keyward/kek` })).toMatch(
    /is not KV version 2: vault kv enable-versioning kv/,
  );
});

it('refuses a path that nobody has prepared, if the role may not create it', async () => {
  const rotator = await makeRotator(vault, { policy: ROTATOR_POLICY });
  await metadata(rotator, '', { cas_required: true });
  const put = 'vault kv metadata put -cas-required=true -max-versions=10 kv/keyward/kek-pending';
  expect(await check(rotator)).toBe(
    `kv/keyward/kek-pending does not exist, and the policy of VAULT_ROLE_ID may not create it: ${put}`,
  );
  await metadata(rotator, '-pending', { cas_required: true });
  expect(await check(rotator)).toBe('as it should be');
});

it('refuses a role that may only read, or nothing there, or not read the limits', async () => {
  const reader = await makeRotator(vault, { policy: READER_POLICY });
  expect(await check(reader)).toBe(
    'the policy of VAULT_ROLE_ID lacks update at kv/data/keyward/kek: vault policy write keyward-rotator docs/vault/rotator.hcl',
  );
  expect(await check({ ...reader, kekPath: 'nowhere/kek' })).toMatch(
    /^the policy of VAULT_ROLE_ID does not allow VAULT_KEK_PATH/,
  );
  const policy = (mount: string) => `path "${mount}/data/*" { capabilities = ["create", "read", "update"] }`;
  expect(await check(await makeRotator(vault, { policy }))).toMatch(/it has no permission to read kv\/config/);
});

it('says what an operator can do where nothing answers, or a login is refused', async () => {
  const rotator = await makeRotator(vault);
  expect(await check({ ...rotator, roleId: 'wrong' })).toBe('VAULT_ROLE_ID and its secret id are refused by Vault');
  const access = openVault({
    transport: transportTo('http://127.0.0.1:1'),
    region: 'us-east-1',
    login: () => createAppRoleLogin('r', () => Promise.resolve('s')),
    kekPath: 'secret/keyward/kek',
    clock: new TestClock(),
    failures: new RecordingFailures(),
  });
  await expect(checkKekStore(access)).rejects.toMatchObject({
    message: 'VAULT_ADDR gives no usable answer (ECONNREFUSED)',
  });
});
