import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readVaultSettings } from '../../../lambdas/adapters/vault/vault-settings';
import { newKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { toKeywardError } from '../../../lambdas/core/errors/errors';
import { examineVault } from '../../../local/examine-vault';
import { openVaultKek } from '../../../local/vault-kek';
import {
  makeRotator,
  startVaultUnderTest,
  variablesFor,
  type Rotator,
  type VaultUnderTest,
} from '../../contract/vault/vault-under-test';
import { newWriteId } from '../../contract/random-name';
import { CountingMetrics, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';
import { temporaryHome } from './local-process';

/**
 * What a start and the doctor say of settings of Vault that cannot be right: one sentence that names the variable or the path.
 * Neither writes anything.
 */

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest();
});
afterAll(() => vault.close());

type Env = Readonly<Record<string, string>>;
interface Stage {
  readonly rotator: Rotator;
  readonly env: Env;
  readonly home: string;
  readonly remove: () => void;
  /** Writes a value to the KEK's path, as another program does. */
  readonly put: (data: object) => Promise<void>;
}

async function stage(options: Parameters<typeof makeRotator>[1] = {}): Promise<Stage> {
  const rotator = await makeRotator(vault, options);
  const { home, remove } = temporaryHome();
  mkdirSync(home, { mode: 0o700 });
  const env = await variablesFor(vault, rotator);
  const put = async (data: object): Promise<void> => {
    const { status } = await vault.admin('POST', rotator.kekPath.replace('/', '/data/'), { options: { cas: 0 }, data });
    expect(status).toBe(200);
  };
  return { rotator, env, home, remove, put };
}

/** The sentence of a start; undefined if it succeeds. */
async function startOf({ home }: Stage, env: Env, isFirst: boolean): Promise<string | undefined> {
  try {
    const opened = await openVaultKek(
      {
        home,
        settings: readVaultSettings(env, 'us-east-1'),
        failures: new RecordingFailures(),
        clock: new TestClock(),
        randomness: testRandomness,
        metrics: new CountingMetrics(),
        logger: new RecordingLogger(),
      },
      isFirst,
      () => Promise.resolve(true),
    );
    await opened.lacksKek();
    return undefined;
  } catch (thrown) {
    const { code, message } = toKeywardError(thrown);
    expect(code).toBe('configuration_invalid');
    return message;
  }
}

const kept = async ({ rotator }: Stage): Promise<string> =>
  JSON.stringify((await vault.admin('GET', rotator.kekPath.replace('/', '/data/'))).body.data ?? null);

type Case = readonly [
  name: string,
  given: (of: Stage) => Env | Promise<Env>,
  sentence: RegExp,
  options?: Parameters<typeof makeRotator>[1],
];
const caseOf = ([name, given, sentence, options]: Case) => ({ name, given, sentence, options });

const SETTINGS: readonly Case[] = [
  ['no address', () => ({ VAULT_ADDR: '' }), /^VAULT_ADDR is not set$/],
  ['an address that is none', () => ({ VAULT_ADDR: 'vault' }), /^VAULT_ADDR must be an address such as https:/],
  ['an address in the clear', () => ({ VAULT_ADDR: 'http://192.0.2.1:8200' }), /^VAULT_ADDR must begin with https:/],
  // No program gets this port by chance.
  [
    'an address where nobody is',
    () => ({ VAULT_ADDR: 'http://127.0.0.1:1' }),
    /^VAULT_ADDR gives no usable answer \(ECONNREFUSED\)$/,
  ],
  ['an address of something else', otherServer, /^VAULT_ADDR gives no usable answer \(\w+\)$/],
  ['no role', () => ({ VAULT_ROLE_ID: '' }), /^VAULT_ROLE_ID is not set$/],
  ['another role', () => ({ VAULT_ROLE_ID: 'nobody' }), /^VAULT_ROLE_ID and its secret id are refused by Vault$/],
  ['another secret id', () => ({ VAULT_SECRET_ID: 'x' }), /^VAULT_ROLE_ID and its secret id are refused by Vault$/],
  ['no secret id', () => ({ VAULT_SECRET_ID: '' }), /^VAULT_SECRET_ID is not set, and neither is/],
  [
    'a file of the secret id that is not there',
    () => ({ VAULT_SECRET_ID: '', VAULT_SECRET_ID_FILE: '/nowhere/id' }),
    /^VAULT_SECRET_ID_FILE names a file that does not exist$/,
  ],
  [
    'a CA file that is not there',
    () => ({ VAULT_CACERT: '/nowhere' }),
    /^VAULT_CACERT names a file that cannot be read$/,
  ],
  ['a CA that is none', ({ home }) => ({ VAULT_CACERT: text(home) }), /^VAULT_CACERT holds no certificate in PEM$/],
  ['a namespace that is none', () => ({ VAULT_NAMESPACE: '../x' }), /^VAULT_NAMESPACE must be the path of a namespace/],
  ['a path that is none', () => ({ VAULT_KEK_PATH: '/secret' }), /^VAULT_KEK_PATH must be a path with its mount/],
  [
    'a path without a mount',
    () => ({ VAULT_KEK_PATH: 'nowhere/keyward/kek' }),
    /^the policy of VAULT_ROLE_ID does not allow VAULT_KEK_PATH, or there is no such mount or namespace/,
  ],
  [
    'a role without a permission',
    () => ({}),
    /^the policy of VAULT_ROLE_ID does not allow VAULT_KEK_PATH/,
    { policy: () => 'path "other/*" { capabilities = ["read"] }' },
  ],
  [
    'a role that may only read',
    () => ({}),
    /lacks .*update at .*: vault policy write keyward-rotator docs\/vault\/rotator\.hcl$/,
    { policy: (mount, path) => `path "${mount}/data/${path}" { capabilities = ["read"] }` },
  ],
];

const others: Server[] = [];
afterEach(() => {
  for (const server of others.splice(0)) server.close();
});

/** Answers nothing that is HTTP. */
async function otherServer(): Promise<Env> {
  const server = createServer((socket) => {
    socket.write('220 mail.example ESMTP\r\n', () => socket.destroy());
  });
  others.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { VAULT_ADDR: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function text(home: string): string {
  const path = join(home, '..', 'ca.pem');
  writeFileSync(path, 'no certificate');
  return path;
}

test.each(SETTINGS.map(caseOf))('$name', async ({ given, sentence, options }) => {
  const of = await stage(options);
  try {
    const env = { ...of.env, ...(await given(of)) };
    expect(await startOf(of, env, true)).toMatch(sentence);
    expect(await examineVault(env, of.home)).toEqual({
      state: 'bad',
      sentence: expect.stringMatching(sentence) as string,
    });
    expect(readdirSync(of.home)).toEqual([]);
    expect(await kept(of)).toBe('null');
  } finally {
    of.remove();
  }
});

const KEYSET = serializeKekSecret(newKekSecretRecord(testRandomness, 0));

test.each<[string, object]>([
  ['what another program wrote', { password: 'of another program' }],
  ['the KEK of another installation', { token: newWriteId(), keyset: KEYSET }],
  ['an empty value', {}],
  ['an empty keyset', { token: newWriteId(), keyset: '' }],
])('a first start at a path that holds %s leaves it as it is', async (_, data) => {
  const of = await stage();
  try {
    await of.put(data);
    const before = await kept(of);
    const sentence =
      /in Vault already holds something that this data directory has not made.*set VAULT_KEK_PATH to a path of its own/;
    expect(await examineVault(of.env, of.home)).toMatchObject({
      state: 'bad',
      sentence: expect.stringMatching(sentence) as string,
    });
    expect(await startOf(of, of.env, true)).toMatch(sentence);
    expect(await kept(of)).toBe(before);
  } finally {
    of.remove();
  }
});

test.each<[string, object, RegExp]>([
  [
    'what another program wrote',
    { password: 'of another program' },
    /holds no KEK, although this data directory was in use: restore it/,
  ],
  ['no keyset', { token: newWriteId() }, /holds no KEK, although this data directory was in use: restore it/],
  ['an empty keyset', { token: newWriteId(), keyset: '' }, /holds a damaged KEK keyset: restore an older version/],
  [
    'half a keyset',
    { token: newWriteId(), keyset: KEYSET.slice(0, 90) },
    /holds a damaged KEK keyset: restore an older/,
  ],
  ['a keyset without its KEK', { token: newWriteId(), keyset: '{"schema":1,"keys":{}}' }, /holds a damaged KEK keyset/],
])('a data directory in use whose path holds %s does not start, and leaves it', async (_, data, sentence) => {
  const of = await stage();
  try {
    writeFileSync(join(of.home, 'kek-in-vault'), newWriteId(), { mode: 0o600 });
    await of.put(data);
    const before = await kept(of);
    expect(await startOf(of, of.env, false)).toMatch(sentence);
    expect(await examineVault(of.env, of.home)).toMatchObject({
      state: 'bad',
      sentence: expect.stringMatching(sentence) as string,
    });
    expect(await kept(of)).toBe(before);
  } finally {
    of.remove();
  }
});

test('the doctor finds a path that is free, one that was claimed, and the KEK in it; a wrapping token it leaves alone', async () => {
  const of = await stage();
  try {
    expect(await examineVault(of.env, of.home)).toEqual({
      state: 'good',
      sentence: `${of.rotator.kekPath} is free for a first start, and keeps what is written`,
    });
    const wrapped = { ...of.env, VAULT_SECRET_ID: '', VAULT_WRAPPED_SECRET_ID: 'hvs.example' };
    expect(await examineVault(wrapped, of.home)).toMatchObject({ state: 'unknown' });
    expect(await startOf(of, of.env, true)).toBeUndefined();
    expect(await examineVault(of.env, of.home)).toMatchObject({ state: 'good' });
    const { body } = await vault.admin('GET', of.rotator.kekPath.replace('/', '/data/'));
    const { token } = body.data?.['data'] as { token: string };
    const next = { token, keyset: KEYSET };
    await vault.admin('POST', of.rotator.kekPath.replace('/', '/data/'), { options: { cas: 1 }, data: next });
    const { sentence } = await examineVault(of.env, of.home);
    expect(sentence).toMatch(/ has the KEK kek-[0-9a-f]{16}, and keeps what is written$/);
  } finally {
    of.remove();
  }
});

test('the doctor does not unwrap the token of a secret id whose kept copy is damaged', async () => {
  const of = await stage();
  try {
    const path = `auth/approle/role/${of.rotator.role}/secret-id`;
    const { body } = await vault.admin('POST', path, {}, { 'x-vault-wrap-ttl': '300s' });
    const { token } = body['wrap_info'] as { token: string };
    const damaged = `{"wrapping_token_sha256":"${createHash('sha256').update(token).digest('hex')}"`;
    writeFileSync(join(of.home, 'vault-secret-id'), damaged, { mode: 0o600 });
    const wrapped = { ...of.env, VAULT_SECRET_ID: '', VAULT_WRAPPED_SECRET_ID: token };
    expect(await examineVault(wrapped, of.home)).toMatchObject({ state: 'unknown' });
    expect((await vault.admin('POST', 'sys/wrapping/lookup', { token })).status).toBe(200);
  } finally {
    of.remove();
  }
});
