import { inspect } from 'node:util';
import { createReadSecretId, type SecretIdFiles } from '../../../lambdas/adapters/vault/secret-id';
import { VaultCalls } from '../../../lambdas/adapters/vault/vault-calls';
import { createAppRoleLogin } from '../../../lambdas/adapters/vault/vault-login';
import { VaultSession } from '../../../lambdas/adapters/vault/vault-session';
import { AMPLE_MS } from '../../ample-limits';
import { TestClock } from '../../doubles/memory-ports';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';
import { startVault, type RunningVault } from '../../doubles/vault/start-vault';
import {
  callVault,
  doubleUnderTest,
  makeRotator,
  transportTo,
  type Rotator,
  type VaultUnderTest,
} from './vault-under-test';

/** Logins, renewals and faults, against the double only: the test controls its failures and its clock. */

let clock: TestClock;
let vault: RunningVault;
let rotator: Rotator;
let failures: RecordingFailures;
let logger: RecordingLogger;
const under = (): VaultUnderTest => doubleUnderTest(vault);
beforeEach(async () => {
  clock = new TestClock();
  vault = await startVault(() => clock.now());
  rotator = await makeRotator(under(), { role: { token_ttl: '60s', token_max_ttl: '300s' } });
  failures = new RecordingFailures();
  logger = new RecordingLogger();
});
afterEach(() => vault.close());

const callsOf = (timeoutMs = AMPLE_MS): VaultCalls =>
  new VaultCalls({
    transport: transportTo(vault.address, { namespace: 'team/a', timeoutMs }),
    region: 'us-east-1',
    failures,
  });

async function open(calls = callsOf()) {
  const secretId = await rotator.newSecretId();
  const session = new VaultSession({
    calls,
    login: createAppRoleLogin(rotator.roleId, () => Promise.resolve(secretId)),
    clock,
  });
  vault.calls.length = 0;
  const read = () =>
    session.send({ operation: 'kv read', method: 'GET', path: `${rotator.mount}/data/keyward/kek`, answers: [404] });
  return { session, read, secretId };
}

const asked = (): string[] => vault.calls.map(({ path }) => path.replace(rotator.mount, 'kv'));
const LOGIN = 'auth/approle/login';
const RENEW = 'auth/token/renew-self';
const READ = 'kv/data/keyward/kek';
const failure = (name: string, kind: string) => ({
  code: 'store_unavailable',
  outside: { service: 'Vault', name, kind },
});

describe('a token', () => {
  test('is one login for all callers, and serves until two thirds of its time', async () => {
    const { read } = await open();
    await Promise.all(Array.from({ length: 20 }, read));
    clock.time += 39_999;
    await read();
    expect(asked()).toEqual([LOGIN, ...Array.from({ length: 21 }, () => READ)]);
    expect(vault.calls[0]!.headers).toMatchObject({ 'x-vault-request': 'true', 'x-vault-namespace': 'team/a' });
  });

  test('is renewed at two thirds at the next request, by one caller, and goes on', async () => {
    const { read } = await open();
    await read();
    clock.time += 40_000;
    await Promise.all(Array.from({ length: 5 }, read));
    expect(asked().filter((path) => path === RENEW)).toHaveLength(1);
    clock.time += 39_000;
    await read();
    expect(asked().filter((path) => path !== READ)).toEqual([LOGIN, RENEW]);
  });

  test('is told of with each answer, by its login and its times: leases end with it', async () => {
    const { read } = await open();
    const start = clock.now();
    const token = (login: number, from: number) => ({ login, renewAt: from + 40_000, endsAt: from + 60_000 });
    expect((await read()).token).toEqual(token(1, start));
    clock.time += 40_000;
    expect((await read()).token).toEqual(token(1, start + 40_000));
    clock.time += 60_000;
    expect((await read()).token).toEqual(token(2, start + 100_000));
  });

  test('that slept beyond its end is replaced by a login, and so is one near its longest time', async () => {
    const { read } = await open();
    await read();
    clock.time += 60_000;
    await read();
    expect(asked().filter((path) => path !== READ)).toEqual([LOGIN, LOGIN]);
    for (let count = 0; count < 6; count += 1) {
      clock.time += 46_000;
      await read();
    }
    // The sixth renewal would give 24 s of 60.
    expect(asked().filter((path) => path !== READ)).toEqual([
      LOGIN,
      LOGIN,
      ...Array.from({ length: 6 }, () => RENEW),
      LOGIN,
    ]);
  });

  test('is renewed when the clock went back, because its age is not known', async () => {
    const { read } = await open();
    await read();
    clock.time -= 3_600_000;
    await read();
    expect(asked()).toEqual([LOGIN, READ, RENEW, READ]);
  });

  test('that cannot be renewed during an outage serves until its end', async () => {
    const { read } = await open();
    await read();
    vault.fault = ({ path }) => (path === RENEW ? { reply: { status: 500, body: { errors: [] } } } : undefined);
    clock.time += 40_000;
    await read();
    await read();
    expect(asked()).toEqual([LOGIN, READ, RENEW, READ, READ]);
    clock.time += 5_000;
    await read();
    expect(asked().slice(5)).toEqual([RENEW, READ]);
    vault.fault = () => undefined;
    clock.time += 15_000;
    await read();
    expect(asked().slice(7)).toEqual([LOGIN, READ]);
  });

  test('that was revoked: one new login for all callers, and none of them fails', async () => {
    const { read } = await open();
    await read();
    const token = vault.calls.at(-1)!.headers['x-vault-token'];
    await under().admin('POST', 'auth/token/revoke', { token });
    await Promise.all(Array.from({ length: 10 }, read));
    expect(asked().filter((path) => path === LOGIN)).toHaveLength(2);
    expect(failures.noted.every(({ name }) => name === 'VaultPermissionDenied')).toBe(true);
  });

  test('a login that was refused is not tried again for five minutes, or Vault would lock the role for others', async () => {
    const { read, secretId } = await open();
    await under().admin('POST', `auth/approle/role/${rotator.role}/secret-id/destroy`, { secret_id: secretId });
    for (let count = 0; count < 20; count += 1) {
      await expect(read()).rejects.toMatchObject(failure('VaultLoginRefused', 'denied'));
      clock.time += 14_000;
    }
    expect(asked().filter((path) => path === LOGIN)).toHaveLength(1);
    clock.time += 20_001;
    await expect(read()).rejects.toMatchObject(failure('VaultLoginRefused', 'denied'));
    expect(asked().filter((path) => path === LOGIN)).toHaveLength(2);
  });

  test('a login that was refused is tried at once with another secret id', async () => {
    let secretId = 'wrong';
    const login = createAppRoleLogin(rotator.roleId, () => Promise.resolve(secretId));
    const session = new VaultSession({ calls: callsOf(), login, clock });
    const read = () =>
      session.send({ operation: 'kv read', method: 'GET', path: `${rotator.mount}/data/x`, answers: [403, 404] });
    await expect(read()).rejects.toMatchObject(failure('VaultLoginRefused', 'denied'));
    await expect(read()).rejects.toMatchObject(failure('VaultLoginRefused', 'denied'));
    secretId = await rotator.newSecretId();
    await expect(read()).resolves.toMatchObject({ status: 403 });
  });

  test('without a permission: at most one login in 30 s, and the failure is named', async () => {
    const { read } = await open();
    await under().admin('POST', `sys/policies/acl/${rotator.role}`, { policy: '' });
    vault.calls.length = 0;
    for (let count = 0; count < 3; count += 1) {
      await expect(read()).rejects.toMatchObject(failure('VaultPermissionDenied', 'denied'));
    }
    expect(asked()).toEqual([LOGIN, READ, LOGIN, READ, READ, READ]);
    clock.time += 30_000;
    await expect(read()).rejects.toMatchObject(failure('VaultPermissionDenied', 'denied'));
    expect(asked().slice(6)).toEqual([READ, LOGIN, READ]);
  });
});

describe('what Vault answers instead', () => {
  test.each([
    [307, 'VaultStandby', 'outage'],
    [400, 'VaultInvalidRequest', 'refused'],
    [405, 'VaultInvalidRequest', 'refused'],
    [429, 'VaultRateLimited', 'outage'],
    [472, 'VaultStandby', 'outage'],
    [473, 'VaultStandby', 'outage'],
    [500, 'VaultServerError', 'outage'],
    [502, 'VaultServerError', 'outage'],
    [503, 'VaultServerError', 'outage'],
  ])('%d is %s, an %s, and without a word of it', async (status, name, kind) => {
    const { read } = await open();
    vault.fault = ({ path }) => (path === LOGIN ? undefined : { reply: { status, body: { errors: ['canary'] } } });
    await expect(read()).rejects.toMatchObject(failure(name, kind));
    expect(inspect(failures.noted)).not.toContain('canary');
  });

  test('a sealed Vault is an outage by its name, and serves again', async () => {
    const { read } = await open();
    vault.service.isSealed = true;
    await expect(read()).rejects.toMatchObject(failure('VaultSealed', 'outage'));
    vault.service.isSealed = false;
    await expect(read()).resolves.toMatchObject({ status: 404 });
  });

  test.each([
    ['no connection', 'refuse', /ECONNRESET/],
    ['no answer', 'hang', /AbortError|TimeoutError/],
    ['half an answer', 'drop_answer', /ECONNRESET/],
  ] as const)('%s', async (_name, fault, name) => {
    const { read } = await open(callsOf(fault === 'hang' ? 2_000 : AMPLE_MS));
    vault.fault = () => fault;
    await expect(read()).rejects.toMatchObject({
      code: 'store_unavailable',
      outside: { kind: 'outage', name: expect.stringMatching(name) },
    });
  });

  test.each([{}, { auth: null }, { auth: { client_token: '', lease_duration: 1 } }, { auth: { client_token: 'a' } }])(
    'a login whose answer has no token: %j',
    async (body) => {
      const { read } = await open();
      vault.fault = ({ path }) => (path === LOGIN ? { reply: { status: 200, body } } : undefined);
      await expect(read()).rejects.toMatchObject(failure('UnusableAnswer', 'outage'));
    },
  );

  test('a login that is refused is a denial; the ids are in no error and no log', async () => {
    const { read, secretId } = await open();
    rotator = { ...rotator, roleId: 'wrong-role-id' };
    const other = await open();
    await expect(other.read()).rejects.toMatchObject(failure('VaultLoginRefused', 'denied'));
    await read();
    const token = String(vault.calls.at(-1)!.headers['x-vault-token']);
    vault.fault = () => ({ reply: { status: 500, body: { errors: [token, secretId] } } });
    const thrown: unknown = await read().catch((error: unknown) => error);
    const shown = inspect([thrown, failures.noted, logger.lines], { depth: Infinity });
    for (const text of [token, secretId, 'wrong-role-id']) expect(shown).not.toContain(text);
  });
});

describe('the secret id', () => {
  const filesWith = (files: Partial<SecretIdFiles> = {}): SecretIdFiles & { kept: string[] } => {
    const kept: string[] = [];
    return {
      kept,
      read: () => Promise.resolve(undefined),
      readKept: () => Promise.resolve(kept.at(-1)),
      keep: (text) => {
        kept.push(text);
        return Promise.resolve();
      },
      ...files,
    };
  };
  const wrap = async (path = `auth/approle/role/${rotator.role}/secret-id`): Promise<string> => {
    const { body } = await under().admin('POST', path, {}, { 'x-vault-wrap-ttl': '300s' });
    return (body['wrap_info'] as { token: string }).token;
  };
  const invalid = (message: RegExp) => ({ code: 'configuration_invalid', message: expect.stringMatching(message) });

  test('in a variable, and in a file that is read for each login', async () => {
    const calls = callsOf();
    await expect(
      createReadSecretId({ kind: 'value', value: 'v' }, { calls, files: filesWith(), logger })(),
    ).resolves.toBe('v');
    let text: string | undefined = 'one\n';
    const files = filesWith({ read: () => Promise.resolve(text) });
    const read = createReadSecretId({ kind: 'file', path: '/x' }, { calls, files, logger });
    await expect(read()).resolves.toBe('one');
    text = 'another';
    await expect(read()).resolves.toBe('another');
    for (const wrong of [undefined, '', ' \n', 'two words']) {
      text = wrong;
      await expect(read()).rejects.toMatchObject(invalid(/^VAULT_SECRET_ID_FILE names a file/));
    }
  });

  test('that is wrapped is looked up, unwrapped once and kept beside the hash; a restart does not unwrap again', async () => {
    const token = await wrap();
    const files = filesWith();
    vault.calls.length = 0;
    const read = createReadSecretId({ kind: 'wrapped', token }, { calls: callsOf(), files, logger });
    const secretId = await read();
    await expect(read()).resolves.toBe(secretId);
    expect(vault.calls.map(({ path }) => path)).toEqual(['sys/wrapping/lookup', 'sys/wrapping/unwrap']);
    expect(JSON.parse(files.kept[0]!)).toEqual({
      secret_id: secretId,
      wrapping_token_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(files.kept[0]).not.toContain(token);
    expect(logger.lines).toEqual([]);
    // Another token is another secret id.
    await createReadSecretId({ kind: 'wrapped', token: await wrap() }, { calls: callsOf(), files, logger })();
    expect(files.kept).toHaveLength(2);
  });

  test('that somebody else unwrapped is an alarm and a refusal, as an expired one is', async () => {
    const token = await wrap();
    await callVault(vault.address, 'POST', 'sys/wrapping/unwrap', {}, { 'x-vault-token': token });
    const files = filesWith();
    const read = createReadSecretId({ kind: 'wrapped', token }, { calls: callsOf(), files, logger });
    await expect(read()).rejects.toMatchObject(invalid(/^VAULT_WRAPPED_SECRET_ID is no valid wrapping token/));
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { operation: 'unwrap' } }]);
    expect([files.kept, inspect(logger.lines).includes(token)]).toEqual([[], false]);
  });

  test('that was unwrapped between the look and the unwrapping is the same', async () => {
    const token = await wrap();
    vault.fault = ({ path }) =>
      path === 'sys/wrapping/unwrap' ? { reply: { status: 400, body: { errors: [] } } } : undefined;
    const read = createReadSecretId({ kind: 'wrapped', token }, { calls: callsOf(), files: filesWith(), logger });
    await expect(read()).rejects.toMatchObject(invalid(/no valid wrapping token/));
  });

  test('a token that wraps something else is not unwrapped', async () => {
    const reply = { status: 200, body: { data: { creation_path: 'secret/data/other' } } };
    vault.fault = ({ path }) => (path === 'sys/wrapping/lookup' ? { reply } : undefined);
    vault.calls.length = 0;
    const read = createReadSecretId({ kind: 'wrapped', token: 'x' }, { calls: callsOf(), files: filesWith(), logger });
    await expect(read()).rejects.toMatchObject(invalid(/wraps something that is no secret id/));
    expect(vault.calls.map(({ path }) => path)).toEqual(['sys/wrapping/lookup']);
    expect(logger.lines).toHaveLength(1);
  });

  test('an unwrapping without a secret id is no answer', async () => {
    const token = await wrap();
    vault.fault = ({ path }) =>
      path === 'sys/wrapping/unwrap' ? { reply: { status: 200, body: { data: {} } } } : undefined;
    const read = createReadSecretId({ kind: 'wrapped', token }, { calls: callsOf(), files: filesWith(), logger });
    await expect(read()).rejects.toMatchObject(failure('UnusableAnswer', 'outage'));
  });
});
