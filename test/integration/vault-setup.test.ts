import { randomBytes } from 'node:crypto';
import { runVaultCommand } from '../contract/vault/vault-command';
import { startVaultUnderTest, type VaultUnderTest } from '../contract/vault/vault-under-test';
import { commandBlocks } from '../unit/docs/command-blocks';
import { textOf } from '../unit/docs/documents';
import { until } from '../until';
import { LocalProcess, temporaryHome } from './local/local-process';

/**
 * The commands of docs/vault.md, from an empty Vault to a server that keeps its KEK there: each line as it stands, with a mount, a
 * role and a policy of the test's own in place of the page's. `npm run test:vault` runs them on a real server.
 */

const KEY = 'sk-example-not-a-real-key';
const PATH = 'docs/vault.md';

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest();
});
afterAll(() => vault.close());

const blocks = commandBlocks({ path: PATH, text: textOf(PATH) });
const linesOf = (contained: string): readonly string[] => {
  const found = blocks.find(({ text }) => text.includes(contained))?.text.split('\n') ?? [];
  return found.filter((line) => line !== '');
};

test('the commands of the page prepare Vault, and npm start serves with what they print', async () => {
  const name = randomBytes(6).toString('hex');
  /** Nothing that a Vault at VAULT_ADDR may hold already is touched. */
  const own = (text: string): string =>
    text
      .replaceAll('secret/keyward/', `kv-${name}/keyward/`)
      .replaceAll('role/keyward', `role/keyward-${name}`)
      .replaceAll('keyward-rotator', `rotator-${name}`);
  await vault.admin('POST', `sys/mounts/kv-${name}`, { type: 'kv', options: { version: '2' } });
  await ready(name);
  const send: VaultUnderTest['admin'] = async (method, path, body, headers) => {
    const policy = (body as { policy?: string } | undefined)?.policy;
    const changed = policy === undefined ? body : { policy: policy.replaceAll('"secret/', `"kv-${name}/`) };
    const reply = await vault.admin(method, path, changed, headers);
    // It was enabled when the server started; the page says what to do where it was not.
    return path === 'sys/auth/approle' && reply.text.includes('already in use') ? { ...reply, status: 204 } : reply;
  };
  const printed: string[] = [];
  const commands = linesOf('vault auth enable approle');
  expect(commands).toHaveLength(7);
  for (const line of commands) printed.push(await runVaultCommand(send, own(line)));
  const [roleId = '', wrapped = ''] = printed.slice(-2);
  expect([roleId, wrapped]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.stringMatching(/^hvs\./)]);

  const start = linesOf('npm start').find((line) => line.startsWith('SECRETS_PROVIDER=vault')) ?? '';
  const words = start.split(' ').slice(0, -2);
  const values: Record<string, string> = {
    VAULT_ADDR: vault.address,
    VAULT_ROLE_ID: roleId,
    VAULT_WRAPPED_SECRET_ID: wrapped,
  };
  const env = Object.fromEntries(
    words.map((word) => {
      const [variable = '', value = ''] = word.split('=');
      return [variable, values[variable] ?? value];
    }),
  );
  expect(Object.keys(env)).toEqual(['SECRETS_PROVIDER', 'VAULT_ADDR', 'VAULT_ROLE_ID', 'VAULT_WRAPPED_SECRET_ID']);
  expect(start.endsWith(' npm start')).toBe(true);

  const { home, remove } = temporaryHome();
  const server = await LocalProcess.start(home, { ...env, VAULT_KEK_PATH: `kv-${name}/keyward/kek` });
  try {
    expect(server.output).toContain(`in Vault at kv-${name}/keyward/kek`);
    const { body } = await server.call('POST', '/v1/providers/openai/encrypt', { plaintext: KEY });
    const opened = await server.call('POST', '/v1/providers/openai/decrypt', { ciphertext: body['ciphertext'] });
    expect(opened.body['plaintext']).toBe(KEY);
    expect((await server.call('POST', '/v1/kek/rotate')).status).toBe(202);
    expect(await server.stop()).toBe(0);
  } finally {
    await server.stop('SIGKILL');
    remove();
  }
});

/** A new mount refuses calls for a moment. */
async function ready(name: string): Promise<void> {
  await until('the new mount serves', async () => (await vault.admin('GET', `kv-${name}/config`)).status === 200);
}
