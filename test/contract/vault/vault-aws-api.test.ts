import { until } from '../../until';
import { mountAws, openAwsCredentials, type AwsEngineUnderTest } from './aws-under-test';
import {
  callVault,
  logIn as logInAs,
  REAL_VAULT,
  startVaultUnderTest,
  type AdminReply,
  type VaultUnderTest,
} from './vault-under-test';

/**
 * What Keyward relies on of Vault's aws engine and its leases. `npm test` runs these tests against the double, `npm run
 * test:vault` against a real server, whose engine calls the same doubles of IAM and STS.
 */

const LEASE_SECONDS = 4;
const LONGEST_SECONDS = 7;

let vault: VaultUnderTest;
let engine: AwsEngineUnderTest;
/** The double's time stands still but for what is waited for: leases of seconds outlast the pauses of a busy machine. */
const startedAt = Date.now();
let ahead = 0;
const now = (): number => (process.env[REAL_VAULT.address] === undefined ? startedAt + ahead : Date.now());
beforeAll(async () => {
  vault = await startVaultUnderTest(now);
  engine = await mountAws(vault, { now, lease: { lease: `${LEASE_SECONDS}s`, lease_max: `${LONGEST_SECONDS}s` } });
});
afterAll(async () => {
  await vault.close();
  await engine.aws.close();
});

async function logIn(
  of: AwsEngineUnderTest = engine,
): Promise<(method: string, path: string, body?: object) => Promise<AdminReply>> {
  const { client_token: token } = await logInAs(vault, of);
  return (method, path, content) => callVault(vault.address, method, path, content, { 'x-vault-token': token });
}

async function seconds(count: number): Promise<void> {
  if (vault.isReal) await new Promise((resolve) => setTimeout(resolve, count * 1_000));
  else ahead += count * 1_000;
}
const errorOf = ({ body }: AdminReply): string | undefined => {
  const { access_key, session_token } = body.data as { access_key: string; session_token: string | null };
  return engine.aws.account.errorOf(access_key, session_token ?? undefined);
};

test.each(['assumed_role', 'federation_token'] as const)(
  '%s: keys with a token and a lease that cannot be renewed',
  async (type) => {
    const call = await logIn();
    const given = await call('GET', engine.paths[type]);
    expect(given.body).toMatchObject({
      lease_id: expect.stringContaining(engine.paths[type]),
      renewable: false,
      data: { access_key: expect.any(String), secret_key: expect.any(String), security_token: expect.any(String) },
    });
    for (const time of [given.body['lease_duration'], given.body.data?.['ttl']]) {
      expect(time).toBeGreaterThan(3_590);
      expect(time).toBeLessThanOrEqual(3_600);
    }
    const lease = { lease_id: given.body['lease_id'] };
    expect(await call('POST', 'sys/leases/renew', lease)).toMatchObject({ status: 400 });
    // A revoked lease of STS revokes nothing.
    expect((await call('POST', 'sys/leases/revoke', lease)).status).toBe(204);
    await seconds(0.5);
    expect(errorOf(given)).toBeUndefined();
  },
);

test('the role decides what is given, not the path', async () => {
  const call = await logIn();
  expect((await call('GET', `${engine.mount}/sts/user`)).body).toMatchObject({
    renewable: true,
    data: { session_token: null },
  });
  expect((await call('GET', `${engine.mount}/creds/assumed`)).body).toMatchObject({ renewable: false });
});

test('iam_user: keys without a token, renewed up to the longest time, and gone at the end', async () => {
  const call = await logIn();
  const given = await call('GET', engine.paths.iam_user);
  expect(given.body).toMatchObject({ renewable: true, lease_duration: LEASE_SECONDS, data: { session_token: null } });
  const lease = { lease_id: given.body['lease_id'] };
  await seconds(2);
  expect((await call('POST', 'sys/leases/renew', lease)).body).toMatchObject({
    lease_duration: LEASE_SECONDS,
    renewable: true,
  });
  await seconds(3);
  const last = await call('POST', 'sys/leases/renew', lease);
  expect(last.body['lease_duration']).toBeLessThan(LEASE_SECONDS);
  expect(errorOf(given)).toBeUndefined();
  await seconds(3);
  expect(await call('POST', 'sys/leases/renew', lease)).toMatchObject({ status: 400 });
  await gone(given);
});

test('iam_user: the user is deleted when its lease is revoked, which any lease may be twice', async () => {
  const call = await logIn();
  const given = await call('GET', engine.paths.iam_user);
  const lease = { lease_id: given.body['lease_id'] };
  expect((await call('POST', 'sys/leases/revoke', lease)).status).toBe(204);
  await gone(given);
  expect((await call('POST', 'sys/leases/revoke', lease)).status).toBe(204);
  expect((await call('POST', 'sys/leases/renew', lease)).status).toBe(400);
});

test('iam_user: the user is deleted with the token that took it, although the lease lasts longer', async () => {
  const short = await mountAws(vault, { now, role: { token_ttl: '2s', token_max_ttl: '2s' } });
  try {
    const call = await logIn(short);
    const { body } = await call('GET', short.paths.iam_user);
    expect(body['lease_duration']).toBe(768 * 3_600);
    const { access_key } = body.data as { access_key: string };
    expect(short.aws.account.errorOf(access_key, undefined)).toBeUndefined();
    await seconds(2.5);
    await until('the user is deleted', () => short.aws.account.errorOf(access_key, undefined) !== undefined);
  } finally {
    await short.aws.close();
  }
});

const own = (path: string) =>
  openAwsCredentials([vault.address], engine, { path, clock: { now, sleep: (ms) => seconds(ms / 1_000) } });
const isKnown = (accessKeyId: string): boolean => engine.aws.account.errorOf(accessKeyId, undefined) === undefined;

test('Keyward renews a user, replaces it before its longest time, and ends both at its own end', async () => {
  const { credentials, failures } = await own(engine.paths.iam_user);
  const users = new Set<string>();
  const use = async (): Promise<void> => {
    const { accessKeyId } = await credentials.current();
    expect(isKnown(accessKeyId)).toBe(true);
    users.add(accessKeyId);
    // What runs beside the requests has its answer.
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  for (let count = 0; count < 60; count += 1) {
    await use();
    await seconds(0.2);
  }
  expect([...users].length).toBeGreaterThanOrEqual(2);
  expect([...users].length).toBeLessThanOrEqual(4);
  await credentials.end();
  await until('the users are deleted', () => ![...users].some(isKnown));
  expect(failures.noted).toEqual([]);
});

test('Keyward signs with keys of STS', async () => {
  for (const path of [engine.paths.assumed_role, engine.paths.federation_token]) {
    const { credentials } = await own(path);
    const { accessKeyId, sessionToken } = await credentials.current();
    expect(engine.aws.account.errorOf(accessKeyId, sessionToken)).toBeUndefined();
    await credentials.end();
  }
});

test('Keyward says what is wrong with a path', async () => {
  const sentences = async (path: string): Promise<readonly string[]> => {
    const { credentials, logger } = await own(path);
    await expect(credentials.current()).rejects.toThrow('Vault gives no AWS credentials');
    return logger.lines.map(({ message }) => message);
  };
  const { mount } = engine;
  await expect(sentences(`${mount}/sts/none`)).resolves.toEqual([
    'VAULT_AWS_CREDENTIALS names a role that the aws engine does not have',
  ]);
  await expect(sentences(`${mount}x/sts/none`)).resolves.toEqual([
    'VAULT_AWS_CREDENTIALS names a path that the policy of its AppRole does not allow to read',
  ]);
});

test('a wrong path: no role is 400, no engine 404, no permission 403', async () => {
  const call = await logIn();
  expect(await call('GET', `${engine.mount}/sts/none`)).toMatchObject({
    status: 400,
    body: { errors: ['Role "none" not found'] },
  });
  expect((await call('GET', `${engine.mount}/roles/user`)).status).toBe(403);
  expect((await vault.admin('GET', `${engine.mount}x/sts/none`)).status).toBe(404);
  expect((await vault.admin('GET', `${engine.mount}/other/none`)).status).toBe(404);
  const lonely = await mountAws(vault, { policy: `path "nothing" { capabilities = ["read"] }` });
  const other = await logIn(lonely);
  expect((await other('GET', lonely.paths.assumed_role)).status).toBe(403);
  expect((await other('POST', 'sys/leases/revoke', { lease_id: 'x' })).status).toBe(403);
  await lonely.aws.close();
});

async function gone(given: AdminReply): Promise<void> {
  await until('the user is deleted', () => errorOf(given) === 'UnrecognizedClientException');
}
