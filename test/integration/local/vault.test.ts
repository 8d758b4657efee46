import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import { parseKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import {
  makeRotator,
  openFor,
  startVaultUnderTest,
  variablesFor,
  type Rotator,
  type VaultUnderTest,
} from '../../contract/vault/vault-under-test';
import { newWriteId } from '../../contract/random-name';
import { openVaultGate, type VaultGate } from '../../doubles/vault/vault-gate';
import { TestClock } from '../../doubles/memory-ports';
import { until } from '../../until';
import { LocalProcess, temporaryHome } from './local-process';

/** `npm start` with the KEK in Vault. */

const KEY = 'sk-example-not-a-real-key';
const openai = '/v1/providers/openai';

let vault: VaultUnderTest;
let rotator: Rotator;
let env: Record<string, string>;
let home: string;
let remove: () => void;
let running: LocalProcess[];
beforeEach(async () => {
  vault = await startVaultUnderTest();
  rotator = await makeRotator(vault);
  env = { SECRETS_PROVIDER: 'vault', ...(await variablesFor(vault, rotator)) };
  ({ home, remove } = temporaryHome());
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop('SIGKILL')));
  remove();
  await vault.close();
});

const start = async (change: Record<string, string> = {}, where = home): Promise<LocalProcess> => {
  const started = await LocalProcess.start(where, { ...env, ...change });
  running.push(started);
  return started;
};
const storeOf = async (): Promise<VaultKekStore> =>
  new VaultKekStore((await openFor(vault, rotator, new TestClock())).access);
const primary = async (store: VaultKekStore): Promise<string> =>
  parseKekSecret((await store.current()).value).primary.id;

test('makes the first KEK in Vault, rotates it, and goes on after a restart', async () => {
  const first = await start();
  expect(first.output).toContain(`KEK           in Vault at ${rotator.kekPath}`);
  const encrypted = await first.call('POST', `${openai}/encrypt`, { plaintext: KEY });
  expect(encrypted.status).toBe(200);
  const { ciphertext } = encrypted.body;
  const decrypt = async (server: LocalProcess) =>
    (await server.call('POST', `${openai}/decrypt`, { ciphertext })).body['plaintext'];
  expect(await decrypt(first)).toBe(KEY);
  expect(await first.stop()).toBe(0);

  const store = await storeOf();
  const before = await primary(store);
  // As another process that crashed before the first step.
  const token = newWriteId();
  await store.begin(token);
  const second = await start();
  expect(second.output).toContain('with the keys of an earlier start');
  await until('the sweep has resumed the rotation', async () => (await store.current()).versionId === token);
  expect(await primary(store)).not.toBe(before);
  expect(await decrypt(second)).toBe(KEY);
  await until('every keyset is under the new KEK', async () => {
    const { body } = await second.call('GET', '/v1/audit/events?event_type=rotate&limit=100');
    const events = body['events'] as { metadata: { operation?: string; outcome?: string } }[];
    return (
      events.filter(({ metadata: { operation, outcome } }) => operation === 'rewrap_keyset' && outcome === 'written')
        .length === 4
    );
  });
  expect(await second.stop()).toBe(0);

  const third = await start();
  expect(await decrypt(third)).toBe(KEY);
  expect(readFileSync(join(home, 'kek-in-vault'), 'utf8')).toMatch(/^[0-9a-f]{32}$/);
  const material = (JSON.parse((await store.current()).value) as { keys: Record<string, { material: string }> }).keys;
  const output = running.map((each) => each.output).join('');
  for (const secret of [env['VAULT_SECRET_ID'] ?? '', ...Object.values(material).map((each) => each.material)]) {
    expect(output).not.toContain(secret);
  }
});

const refusal = async (change: Record<string, string>, where?: string): Promise<string> => {
  const process = await start(change, where);
  expect(await process.stop()).toBe(1);
  return process.output.split('\n').find((line) => line.startsWith('keyward: ')) ?? process.output;
};

test('refuses in one sentence what cannot be right, and overwrites nothing', async () => {
  const first = await start();
  await first.stop();
  const store = await storeOf();
  const { versionId } = await store.current();

  const other = temporaryHome();
  try {
    expect(await refusal({}, other.home)).toMatch(/already holds something that this data directory has not made/);
    // Its mark makes no difference to the second try.
    expect(await refusal({}, other.home)).toMatch(/already holds something that this data directory has not made/);
    expect(await refusal({ VAULT_ADDR: 'http://127.0.0.1:1' }, other.home)).toBe(
      'keyward: VAULT_ADDR gives no usable answer (ECONNREFUSED)',
    );
    expect(await refusal({ SECRETS_PROVIDER: 'local' }, other.home)).toMatch(
      /is in Vault: set SECRETS_PROVIDER=vault$/,
    );
  } finally {
    other.remove();
  }
  expect(await refusal({ SECRETS_PROVIDER: 'local' })).toMatch(/is in Vault: set SECRETS_PROVIDER=vault$/);
  expect(await refusal({ SECRETS_PROVIDER: 'aws' })).toBe(
    'keyward: SECRETS_PROVIDER must be local or vault in local mode',
  );
  expect(await refusal({ VAULT_SECRET_ID: 'wrong' })).toBe(
    'keyward: VAULT_ROLE_ID and its secret id are refused by Vault',
  );
  expect(await refusal({ VAULT_ADDR: 'http://vault.example' })).toMatch(/^keyward: VAULT_ADDR must begin with https/);
  expect(await refusal({ VAULT_CACERT: '/nowhere/ca.pem' })).toBe(
    'keyward: VAULT_CACERT names a file that cannot be read',
  );
  const notPem = join(home, '..', 'not.pem');
  writeFileSync(notPem, 'x');
  expect(await refusal({ VAULT_CACERT: notPem })).toBe('keyward: VAULT_CACERT holds no certificate in PEM');
  expect((await store.current()).versionId).toBe(versionId);

  const data = rotator.kekPath.replace('/', '/data/');
  await vault.admin('POST', data, {
    options: { cas: 2 },
    data: { token: newWriteId(), keyset: '{"schema":1,"keys":7}' },
  });
  expect(await refusal({})).toMatch(/in Vault holds a damaged KEK keyset/);
  await vault.admin('DELETE', data);
  expect(await refusal({})).toMatch(/in Vault holds no KEK, although this data directory was in use/);
  rmSync(join(home, 'kek-in-vault'));
  expect(await refusal({})).toMatch(/kek-in-vault is missing although an earlier start has made/);
});

test('a data directory with a KEK file is not taken over', async () => {
  const process = await start({ SECRETS_PROVIDER: 'local' });
  await process.stop();
  expect(await refusal({})).toMatch(/kek\.json holds the KEK of this data directory/);
});

test('a first start that was interrupted after its mark, or after its placeholder, goes on', async () => {
  const store = await storeOf();
  expect(await refusal({ VAULT_SECRET_ID: 'wrong' })).toContain('refused by Vault');
  writeFileSync(join(home, 'kek-in-vault'), 'a'.repeat(32), { mode: 0o600 });
  await store.createFirst('a'.repeat(32), '{"schema":1}');
  const process = await start();
  expect((await process.call('POST', `${openai}/encrypt`, { plaintext: KEY })).status).toBe(200);
});

test('a wrapped secret id is unwrapped once, and kept for the next start', async () => {
  const path = `auth/approle/role/${rotator.role}/secret-id`;
  const { body } = await vault.admin('POST', path, {}, { 'x-vault-wrap-ttl': '300s' });
  const { token } = body['wrap_info'] as { token: string };
  const wrapped = { VAULT_SECRET_ID: '', VAULT_WRAPPED_SECRET_ID: token };
  expect(await (await start(wrapped)).stop()).toBe(0);
  const again = await start(wrapped);
  expect(again.output).toContain('Ctrl-C stops it');
  expect(again.output).not.toContain(token);
  expect(await again.stop()).toBe(0);
  rmSync(join(home, 'vault-secret-id'));
  expect(await refusal(wrapped)).toMatch(/^keyward: VAULT_WRAPPED_SECRET_ID is no valid wrapping token/);
});

describe('while Vault does not answer', () => {
  const SEALED = { status: 503, body: { errors: ['Vault is sealed'] } };
  let gate: VaultGate;
  beforeEach(async () => {
    gate = await openVaultGate(vault.address);
    env['VAULT_ADDR'] = gate.address;
  });
  afterEach(() => gate.close());

  test('a first start ends with one sentence, and leaves the path as it is', async () => {
    gate.answer = SEALED;
    expect(await refusal({})).toBe('keyward: VAULT_ADDR gives no usable answer (VaultSealed)');
    gate.answer = undefined;
    const data = await vault.admin('GET', rotator.kekPath.replace('/', '/data/'));
    expect(data.status).toBe(404);
    const started = await start();
    expect(started.output).not.toContain('ATTENTION');
  });

  test.each([
    ['VaultSealed', SEALED],
    ['ECONNRESET', 'break'],
  ] as const)('a data directory in use is served: %s', async (name, answer) => {
    const first = await start();
    const { ciphertext } = (await first.call('POST', `${openai}/encrypt`, { plaintext: KEY })).body;
    await first.stop();
    gate.answer = answer;
    const second = await start();
    expect(second.output).toContain(
      `ATTENTION     Vault does not answer (${name}): calls that need a KEK answer 503 until it does`,
    );
    expect(second.output.match(/ATTENTION/g)).toHaveLength(1);
    const decrypt = () => second.call('POST', `${openai}/decrypt`, { ciphertext });
    const seal = () => second.call('POST', `${openai}/encrypt`, { plaintext: KEY });
    for (const call of [decrypt, seal]) {
      const { status, body } = await call();
      expect([status, body['code']]).toEqual([503, 'keys_unavailable']);
    }
    expect((await second.call('GET', '/readyz')).status).toBe(503);
    expect((await second.call('GET', '/healthz')).status).toBe(200);
    expect((await second.call('GET', '/v1/audit/events?limit=1')).status).toBe(200);
    expect((await second.call('GET', '/v1/kek')).body['code']).toBe('store_unavailable');

    gate.answer = undefined;
    await until('the server answers as before', async () => (await decrypt()).status === 200);
    expect((await decrypt()).body['plaintext']).toBe(KEY);
    await until('it seals, too', async () => (await seal()).status === 200);
    await until('the log says so', () => second.output.includes('Vault answers: calls that need a KEK'));
    expect((await second.call('POST', '/v1/kek/rotate')).status).toBe(202);
    await until('it rotates', async () => (await second.call('GET', '/v1/kek')).body['kek_count'] === 2);
    expect(second.output).not.toContain(env['VAULT_SECRET_ID']);
    expect(await second.stop()).toBe(0);
  });

  test('what Vault refuses once it answers is in the log with what mends it, and nothing rotates until then', async () => {
    const first = await start();
    await first.stop();
    gate.answer = SEALED;
    const second = await start();
    await vault.admin('POST', `${rotator.mount}/config`, { cas_required: false });
    gate.answer = undefined;
    await until('the log says what is wrong', () => second.output.includes('takes writes without check-and-set'));
    const { status, body } = await second.call('POST', '/v1/kek/rotate');
    expect([status, body['code']]).toEqual([500, 'configuration_invalid']);
    expect((await second.call('GET', '/v1/kek')).body).toMatchObject({ kek_count: 1, pending: null });
    expect((await second.call('POST', `${openai}/encrypt`, { plaintext: KEY })).status).toBe(200);
  });

  test.each([
    ['a refused login', { VAULT_SECRET_ID: 'wrong' }, /refused by Vault/],
    ['a path without a mount', { VAULT_KEK_PATH: 'nowhere/kek' }, /does not allow VAULT_KEK_PATH/],
  ])('%s ends the start of a data directory in use, too', async (_, change, sentence) => {
    const first = await start();
    await first.stop();
    expect(await refusal(change)).toMatch(sentence);
  });
});
