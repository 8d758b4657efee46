import {
  callVault,
  logIn as logInAs,
  makeRotator,
  startVaultUnderTest,
  type Rotator,
  type VaultUnderTest,
} from './vault-under-test';

/**
 * The parts of Vault's HTTP API that Keyward uses. `npm test` runs these tests against the double, `npm run test:vault` against a
 * real server, so the double behaves as the server does.
 */

let vault: VaultUnderTest;
let rotator: Rotator;
beforeAll(async () => {
  vault = await startVaultUnderTest();
  rotator = await makeRotator(vault);
});
afterAll(() => vault.close());

const at = (part: string, path = 'keyward/kek'): string => `${rotator.mount}/${part}/${path}`;
const put = (path: string, cas: number | undefined, data: object) =>
  vault.admin('POST', at('data', path), { ...(cas !== undefined && { options: { cas } }), data });

async function logIn(of: Rotator = rotator): Promise<{ token: string; auth: Readonly<Record<string, unknown>> }> {
  const auth = await logInAs(vault, of);
  return { token: auth.client_token, auth };
}

describe('KV version 2', () => {
  test('a write needs its check-and-set, which is 0 before there is a version', async () => {
    expect(await put('cas', undefined, { a: 1 })).toMatchObject({
      status: 400,
      text: expect.stringContaining('check-and-set parameter required'),
    });
    expect((await put('cas', 0, { a: 1 })).body.data).toMatchObject({ version: 1, destroyed: false });
    for (const cas of [0, 2]) {
      const { status, text } = await put('cas', cas, { a: 2 });
      expect([status, text]).toEqual([
        400,
        expect.stringContaining('check-and-set parameter did not match the current version'),
      ]);
    }
    expect((await put('cas', 1, { a: 2 })).body.data).toMatchObject({ version: 2 });
    expect((await vault.admin('GET', `${at('data', 'cas')}?version=1`)).body.data).toMatchObject({
      data: { a: 1 },
      metadata: { version: 1 },
    });
  });

  test('JSON is written anew: members are sorted, characters escaped; a string keeps its characters', async () => {
    await put('json', 0, { z: '<&>é', a: { d: 1, c: 2 } });
    const { text, body } = await vault.admin('GET', at('data', 'json'));
    expect(body.data).toMatchObject({ data: { z: '<&>é', a: { c: 2, d: 1 } } });
    expect(text).toContain('{"a":{"c":2,"d":1},"z":"\\u003c\\u0026\\u003eé"}');
  });

  test('what is not there is 404 without data; a deleted or destroyed version is 404 with its metadata', async () => {
    expect(await vault.admin('GET', at('data', 'none'))).toMatchObject({ status: 404, body: { errors: [] } });
    await put('gone', 0, { a: 1 });
    expect(await vault.admin('GET', `${at('data', 'gone')}?version=7`)).toMatchObject({
      status: 404,
      body: { errors: [] },
    });
    await vault.admin('DELETE', at('data', 'gone'));
    const deleted = await vault.admin('GET', at('data', 'gone'));
    expect([deleted.status, deleted.body.data]).toMatchObject([
      404,
      { data: null, metadata: { version: 1, destroyed: false } },
    ]);
    expect((await put('gone', 0, { a: 2 })).status).toBe(400);
    await put('gone', 1, { a: 2 });
    await vault.admin('POST', at('destroy', 'gone'), { versions: [2] });
    const destroyed = await vault.admin('GET', at('data', 'gone'));
    expect([destroyed.status, destroyed.body.data]).toMatchObject([
      404,
      { data: null, metadata: { version: 2, destroyed: true } },
    ]);
  });

  test('a path whose metadata was deleted counts from 1 again', async () => {
    await put('again', 0, { a: 1 });
    await vault.admin('DELETE', at('metadata', 'again'));
    expect((await put('again', 0, { a: 2 })).body.data).toMatchObject({ version: 1 });
    expect((await put('again', 1, { late: true })).body.data).toMatchObject({ version: 2 });
  });

  test('ten versions are kept', async () => {
    for (let cas = 0; cas < 11; cas += 1) await put('ten', cas, { cas });
    expect((await vault.admin('GET', `${at('data', 'ten')}?version=1`)).body).toEqual({ errors: [] });
    expect((await vault.admin('GET', `${at('data', 'ten')}?version=2`)).status).toBe(200);
  });

  test('limits are those of the mount, and of a path before its first version', async () => {
    expect((await vault.admin('GET', `${rotator.mount}/config`)).body.data).toMatchObject({
      cas_required: true,
      delete_version_after: '0s',
      max_versions: 10,
    });
    expect((await vault.admin('GET', at('metadata', 'limits'))).status).toBe(404);
    await vault.admin('POST', at('metadata', 'limits'), { max_versions: 3, delete_version_after: '1h' });
    expect((await vault.admin('GET', at('metadata', 'limits'))).body.data).toMatchObject({
      max_versions: 3,
      cas_required: false,
    });
    expect((await put('limits', 0, { a: 1 })).status).toBe(200);
  });

  test('the community edition ignores a namespace', async () => {
    const headers = { 'x-vault-namespace': 'admin/team' };
    await vault.admin('POST', at('data', 'named'), { options: { cas: 0 }, data: { a: 1 } }, headers);
    expect((await vault.admin('GET', at('data', 'named'))).body.data).toMatchObject({ data: { a: 1 } });
  });

  test('an engine of version 1 says so, and has no such paths', async () => {
    const mount = `${rotator.mount}-v1`;
    await vault.admin('POST', `sys/mounts/${mount}`, { type: 'kv', options: { version: '1' } });
    const found = await vault.admin('GET', `sys/internal/ui/mounts/${mount}/keyward/kek`);
    expect(found.body.data).toMatchObject({ type: 'kv', path: `${mount}/`, options: { version: '1' } });
    expect((await vault.admin('GET', `${mount}/data/keyward/kek`)).status).toBe(404);
  });
});

describe('AppRole', () => {
  test('a login gives a token and its time, which a renewal gives again', async () => {
    const { token, auth } = await logIn();
    expect(auth).toMatchObject({ lease_duration: 1200, renewable: true });
    const renewed = await callVault(vault.address, 'POST', 'auth/token/renew-self', {}, { 'x-vault-token': token });
    expect(renewed.body['auth']).toMatchObject({ client_token: token, lease_duration: 1200, renewable: true });
  });

  test('a renewal does not go beyond the longest time', async () => {
    const short = await makeRotator(vault, { role: { token_ttl: '30s', token_max_ttl: '30s' } });
    const { token } = await logIn(short);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const renewed = await callVault(vault.address, 'POST', 'auth/token/renew-self', {}, { 'x-vault-token': token });
    expect((renewed.body['auth'] as { lease_duration: number }).lease_duration).toBeLessThan(30);
  });

  test('wrong ids, and a secret id that is used up, are 400', async () => {
    const once = await makeRotator(vault, { role: { secret_id_num_uses: 1 } });
    const body = { role_id: once.roleId, secret_id: await once.newSecretId() };
    expect((await callVault(vault.address, 'POST', 'auth/approle/login', body)).status).toBe(200);
    for (const wrong of [body, { role_id: 'x', secret_id: 'y' }, { ...body, secret_id: 'x' }]) {
      expect((await callVault(vault.address, 'POST', 'auth/approle/login', wrong)).status).toBe(400);
    }
  });

  test('five refused logins lock a role, also for a good secret id', async () => {
    const locked = await makeRotator(vault);
    const attempt = async (secret_id: string) =>
      (await callVault(vault.address, 'POST', 'auth/approle/login', { role_id: locked.roleId, secret_id })).status;
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) statuses.push(await attempt('wrong'));
    expect(statuses).toEqual([400, 400, 400, 400, 400]);
    expect(await attempt(await locked.newSecretId())).toBe(403);
  });

  test('a login between them begins the count anew', async () => {
    const role = await makeRotator(vault);
    const attempt = async (secret_id: string) =>
      (await callVault(vault.address, 'POST', 'auth/approle/login', { role_id: role.roleId, secret_id })).status;
    for (let count = 0; count < 8; count += 1) {
      expect(await attempt('wrong')).toBe(400);
      if (count % 4 === 3) expect(await attempt(await role.newSecretId())).toBe(200);
    }
  });

  test('a revoked token and a wrong one are 403, as a missing permission is', async () => {
    const { token } = await logIn();
    await put('keyward/kek', 0, { a: 1 });
    const read = (path: string, as: string) =>
      callVault(vault.address, 'GET', path, undefined, { 'x-vault-token': as });
    expect((await read(at('data'), token)).status).toBe(200);
    expect((await read(at('data', 'other'), token)).status).toBe(403);
    await vault.admin('POST', 'auth/token/revoke', { token });
    expect((await read(at('data'), token)).status).toBe(403);
    expect((await read(at('data'), 'hvs.wrong')).status).toBe(403);
  });
});

describe('policies', () => {
  test('a token can ask what it may', async () => {
    const { token } = await logIn();
    const paths = [at('data'), at('data', 'other')];
    const as = { 'x-vault-token': token };
    const asked = await callVault(vault.address, 'POST', 'sys/capabilities-self', { paths }, as);
    expect(asked.body.data).toMatchObject({ [paths[0]!]: ['create', 'read', 'update'], [paths[1]!]: ['deny'] });
  });

  test('a mount that nobody gave is 403', async () => {
    const { token } = await logIn();
    const answer = await callVault(vault.address, 'GET', 'sys/internal/ui/mounts/nowhere/kek', undefined, {
      'x-vault-token': token,
    });
    expect(answer.status).toBe(403);
  });
});

describe('response wrapping', () => {
  const wrap = async (): Promise<string> => {
    const { body } = await vault.admin(
      'POST',
      `auth/approle/role/${rotator.role}/secret-id`,
      {},
      { 'x-vault-wrap-ttl': '300s' },
    );
    return (body['wrap_info'] as { token: string }).token;
  };

  test('a token tells what it wraps, gives it once, and then is not valid', async () => {
    const token = await wrap();
    const look = () => callVault(vault.address, 'POST', 'sys/wrapping/lookup', { token });
    expect((await look()).body.data).toMatchObject({
      creation_path: `auth/approle/role/${rotator.role}/secret-id`,
      creation_ttl: 300,
    });
    const unwrap = () => callVault(vault.address, 'POST', 'sys/wrapping/unwrap', {}, { 'x-vault-token': token });
    expect((await unwrap()).body.data).toMatchObject({ secret_id: expect.any(String) });
    expect([(await unwrap()).status, (await look()).status]).toEqual([400, 400]);
  });
});
