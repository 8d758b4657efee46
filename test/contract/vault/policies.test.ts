import { checkKekStore } from '../../../lambdas/adapters/vault/check-kek-store';
import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import { createVaultSecretsProvider } from '../../../lambdas/adapters/vault/vault-secrets-provider';
import { newKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { AMPLE_MS } from '../../ample-limits';
import { CountingMetrics, TEST_START, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { newWriteId } from '../random-name';
import {
  callVault,
  logIn,
  makeRotator,
  openFor,
  preparePaths,
  READER_POLICY,
  ROTATOR_POLICY,
  startVaultUnderTest,
  type Rotator,
  type VaultUnderTest,
} from './vault-under-test';

/** The policies of docs/vault, as they stand there. `npm run test:vault` asks a real server. */

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest();
});
afterAll(() => vault.close());

const PATH = 'keyward/kek';
const newSecret = (): string => serializeKekSecret(newKekSecretRecord(testRandomness, TEST_START));

/** A role with a policy, and paths that an administrator has prepared as docs/vault.md says. */
async function prepared(policy: (mount: string, path: string) => string): Promise<Rotator> {
  const rotator = await makeRotator(vault, { policy });
  await preparePaths(vault, rotator);
  return rotator;
}

/** What each path allows, for every path about the KEK, its mount and the rest of Vault. */
async function capabilitiesOf(rotator: Rotator): Promise<Record<string, unknown>> {
  const { mount, role } = rotator;
  const { client_token: token } = await logIn(vault, rotator);
  const ofKek = ['data', 'metadata', 'delete', 'undelete', 'destroy', 'subkeys'].flatMap((part) =>
    [PATH, `${PATH}-pending`, `${PATH}-other`, 'keyward', 'other'].map((path) => `${mount}/${part}/${path}`),
  );
  const others = [
    `${mount}/config`,
    `${mount}/metadata/`,
    'secret/data/other',
    `sys/mounts/${mount}`,
    `sys/policies/acl/${role}`,
    'sys/auth',
    'sys/seal',
    'sys/quotas/rate-limit/x',
    `auth/approle/role/${role}`,
    `auth/approle/role/${role}/secret-id`,
    'auth/token/create-orphan',
  ];
  const paths = [...ofKek, ...others];
  const answer = await callVault(vault.address, 'POST', 'sys/capabilities-self', { paths }, { 'x-vault-token': token });
  const found = paths.map((path) => [path.replace(mount, 'kv'), answer.body.data?.[path]] as const);
  return Object.fromEntries(found.filter(([, allowed]) => JSON.stringify(allowed) !== '["deny"]'));
}

/** Each request that a policy could allow, with the path after the mount. */
const REQUESTS: readonly (readonly [string, string, object?])[] = [
  ['GET', `data/${PATH}`],
  ['GET', `data/${PATH}-pending`],
  ['GET', `subkeys/${PATH}`],
  ['GET', `metadata/${PATH}`],
  ['GET', `metadata/${PATH}-pending`],
  ['GET', 'metadata/keyward?list=true'],
  ['GET', 'metadata/?list=true'],
  ['GET', 'config'],
  ['GET', 'data/other'],
  ['POST', `data/${PATH}`, { options: { cas: 1 }, data: { a: 2 } }],
  ['POST', `data/${PATH}-pending`, { options: { cas: 0 }, data: { a: 2 } }],
  ['POST', 'data/other', { options: { cas: 0 }, data: { a: 2 } }],
  ['PATCH', `data/${PATH}`, { options: { cas: 1 }, data: { a: 2 } }],
  ['DELETE', `data/${PATH}`],
  ['POST', `delete/${PATH}`, { versions: [1] }],
  ['POST', `undelete/${PATH}`, { versions: [1] }],
  ['POST', `destroy/${PATH}`, { versions: [1] }],
  ['POST', `metadata/${PATH}`, { max_versions: 1 }],
  ['PATCH', `metadata/${PATH}`, { max_versions: 1 }],
  ['DELETE', `metadata/${PATH}`],
  ['DELETE', `metadata/${PATH}-pending`],
  ['POST', 'config', { cas_required: false, max_versions: 1 }],
];

/** The requests that are not refused. */
async function allowedOf(rotator: Rotator): Promise<string[]> {
  await vault.admin('POST', `${rotator.mount}/data/${PATH}`, { options: { cas: 0 }, data: { a: 1 } });
  const { client_token: token } = await logIn(vault, rotator);
  const allowed: string[] = [];
  for (const [method, path, body] of REQUESTS) {
    const headers = {
      'x-vault-token': token,
      ...(method === 'PATCH' && { 'content-type': 'application/merge-patch+json' }),
    };
    const { status } = await callVault(vault.address, method, `${rotator.mount}/${path}`, body, headers);
    if (status !== 403) allowed.push(`${method} ${path}`);
  }
  return allowed;
}

describe('of a reader', () => {
  test('it allows to read the KEK, and nothing else of all that there is', async () => {
    const reader = await prepared(READER_POLICY);
    expect(await capabilitiesOf(reader)).toEqual({ [`kv/data/${PATH}`]: ['read'] });
    expect(await allowedOf(reader)).toEqual([`GET data/${PATH}`]);
    const { body } = await vault.admin('GET', `${reader.mount}/data/${PATH}`);
    expect(body.data).toMatchObject({ data: { a: 1 }, metadata: { version: 1 } });
  });

  test('it suffices to serve', async () => {
    const reader = await prepared(READER_POLICY);
    const keyset = newSecret();
    const path = `${reader.mount}/data/${PATH}`;
    await vault.admin('POST', path, { options: { cas: 0 }, data: { token: newWriteId(), keyset } });
    const clock = new TestClock();
    const { access } = await openFor(vault, reader, clock);
    const [metrics, logger] = [new CountingMetrics(), new RecordingLogger()];
    const provider = createVaultSecretsProvider({
      regions: [access],
      clock,
      metrics,
      logger,
      regionTimeoutMs: AMPLE_MS,
    });
    expect((await provider.current()).primary.id).toBe((JSON.parse(keyset) as { primary: string }).primary);
  });
});

/** All that a rotator ever does, in the order of a first start and two rotations, one of which is given up. */
async function everything(rotator: Rotator): Promise<void> {
  const { access } = await openFor(vault, rotator, new TestClock());
  const store = new VaultKekStore(access);
  await checkKekStore(access);
  const [first, second, third] = [newWriteId(), newWriteId(), newWriteId()];
  expect(await store.createFirst(first, 'first')).toBe(true);
  expect(await store.begin(second)).toBe('begun');
  expect(await store.countTry(second)).toBe(1);
  expect(await store.putPending(second, 'second')).toBe('stored');
  expect(await store.value(second)).toBe('second');
  expect(await store.moveCurrent(first, second)).toBe('moved');
  expect(await store.begin(third)).toBe('begun');
  await store.removePending(third);
  expect(await store.current()).toEqual({ versionId: second, value: 'second' });
  expect(await store.versions()).toHaveLength(2);
}

describe('of the rotator', () => {
  test('it allows to read and to write both paths, and to read how they are kept', async () => {
    const rotator = await prepared(ROTATOR_POLICY);
    expect(await capabilitiesOf(rotator)).toEqual({
      [`kv/data/${PATH}`]: ['read', 'update'],
      [`kv/data/${PATH}-pending`]: ['read', 'update'],
      [`kv/metadata/${PATH}`]: ['read'],
      [`kv/metadata/${PATH}-pending`]: ['read'],
      'kv/config': ['read'],
    });
    expect(await allowedOf(rotator)).toEqual([
      `GET data/${PATH}`,
      `GET data/${PATH}-pending`,
      `GET metadata/${PATH}`,
      `GET metadata/${PATH}-pending`,
      'GET config',
      `POST data/${PATH}`,
      `POST data/${PATH}-pending`,
    ]);
  });

  test('it suffices for everything', async () => {
    await everything(await prepared(ROTATOR_POLICY));
  });

  const RULE = /path "([^"]+)" \{ capabilities = \[([^\]]*)\] \}/g;
  const needed = [...ROTATOR_POLICY('kv', PATH).matchAll(RULE)].flatMap(([, path = '', list = '']) =>
    list.split(', ').map((each) => [each.replaceAll('"', ''), path.slice('kv/'.length)] as const),
  );
  test('each of its lines is looked at below', () => {
    expect(needed).toHaveLength(7);
  });

  test.each(needed)('without %s at %s something fails: nothing is there for nothing', async (capability, path) => {
    const without = (mount: string, kek: string): string =>
      ROTATOR_POLICY(mount, kek)
        .split('\n')
        .map((line) =>
          line.startsWith(`path "${mount}/${path}" `)
            ? line
                .replace(`"${capability}", `, '')
                .replace(`, "${capability}"`, '')
                .replace(`"${capability}"`, '"deny"')
            : line,
        )
        .join('\n');
    await expect(everything(await prepared(without))).rejects.toMatchObject({ code: 'configuration_invalid' });
  });
});
