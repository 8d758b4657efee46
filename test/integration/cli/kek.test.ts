import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../../cli/run';
import {
  makeRotator,
  startVaultUnderTest,
  variablesFor,
  type VaultUnderTest,
} from '../../contract/vault/vault-under-test';
import { Sink, StagedTime } from '../../doubles/cli-stage';
import { until } from '../../until';
import { LocalProcess, temporaryHome } from '../local/local-process';
import { credentialsOf, send } from '../local/signed-request';

/** `keyward kek` against `npm start`, with the KEK in its file and in Vault. */

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest();
});
afterAll(() => vault.close());

const SOURCES: Readonly<Record<string, () => Promise<Record<string, string>>>> = {
  local: () => Promise.resolve({}),
  vault: async () => {
    return { SECRETS_PROVIDER: 'vault', ...(await variablesFor(vault, await makeRotator(vault))) };
  },
};

async function ran(server: LocalProcess, ...argv: string[]) {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const env = {
    PATH: process.env['PATH'] ?? '',
    AWS_EC2_METADATA_DISABLED: 'true',
    KEYWARD_HOME: server.home,
    KEYWARD_ENDPOINT: server.url,
  };
  const code = await run(argv, { stdin: Readable.from([]), stdout, stderr, env, waiting: new StagedTime() });
  return { code, out: stdout.text, err: stderr.text };
}

test.each(Object.keys(SOURCES))(
  '%s: status, a rotation on record by its caller, and what was sealed opens',
  async (source) => {
    const { home, remove } = temporaryHome();
    const env = await SOURCES[source]!();
    const server = await LocalProcess.start(home, env);
    try {
      const path = '/v1/providers/openai';
      const { ciphertext } = (await server.call('POST', `${path}/encrypt`, { plaintext: 'sk-example' })).body;
      const status = async () =>
        JSON.parse((await ran(server, 'kek', 'status', '--json')).out) as Record<string, unknown>;
      const before = await status();
      expect(before).toMatchObject({
        source,
        place: env['VAULT_KEK_PATH'] ?? 'kek.json',
        kek_count: 1,
        age_days: 0,
        interval_days: 90,
        pending: null,
        regions: [{ region: 'us-east-1', state: 'current' }],
      });
      const { code, out, err } = await ran(server, 'kek', 'rotate');
      expect([code, err.split('\n').filter((line) => !/^(keyward: rotating_kek: .*)?$/.test(line))]).toEqual([0, []]);
      expect(out).toMatch(/^source +\w+\nplace +\S+\nversion_id +\S+\nkek_id +kek-/);
      const after = await status();
      expect(after).toMatchObject({ kek_count: 2, pending: null });
      expect(after['version_id']).not.toBe(before['version_id']);
      expect(after['kek_id']).not.toBe(before['kek_id']);
      expect((await server.call('POST', `${path}/decrypt`, { ciphertext })).body['plaintext']).toBe('sk-example');
      await until('every keyset is under the new KEK', async () => {
        const { body } = await server.call('GET', '/v1/providers');
        return (body['providers'] as { kek_id: string }[]).every(({ kek_id }) => kek_id === after['kek_id']);
      });
      const events = (await server.call('GET', '/v1/audit/events?operation=request_kek_rotation')).body['events'];
      expect(events).toMatchObject([
        {
          event_type: 'rotate',
          provider: null,
          success: true,
          user_id: expect.stringContaining('administrator') as string,
        },
        { success: null },
      ]);
      expect(JSON.stringify([before, after, out, server.output])).not.toMatch(/"material"/);
    } finally {
      await server.stop('SIGKILL');
      remove();
    }
  },
);

test('who has a policy for one provider may neither see the KEK nor rotate it', async () => {
  const { home, remove } = temporaryHome();
  const server = await LocalProcess.start(home);
  try {
    const statusOf = async (method: string, path: string): Promise<number> =>
      (await send(credentialsOf(home, 'openai-only'), { method, url: `${server.url}${path}` })).status;
    expect(await statusOf('GET', '/v1/kek')).toBe(403);
    expect(await statusOf('POST', '/v1/kek/rotate')).toBe(403);
    expect(await statusOf('POST', '/v1/kek/move')).toBe(403);
  } finally {
    await server.stop('SIGKILL');
    remove();
  }
});

test('a store that cannot be read: the status and a rotation answer 503, exit code 6, and nothing is begun', async () => {
  const { home, remove } = temporaryHome();
  const server = await LocalProcess.start(home);
  try {
    const path = join(home, 'kek-versions.json');
    writeFileSync(path, 'damaged', { mode: 0o600 });
    for (const command of ['status', 'rotate']) {
      const { code, err } = await ran(server, 'kek', command);
      expect([code, err]).toEqual([6, expect.stringContaining('the KEK file did not answer')]);
    }
    expect(readFileSync(path, 'utf8')).toBe('damaged');
  } finally {
    await server.stop('SIGKILL');
    remove();
  }
});
