import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import facts from '../../fixtures/data-directory-v1.json';
import { until } from '../../until';
import { LocalProcess, temporaryHome } from './local-process';

const PROVIDERS = { KEYWARD_PROVIDERS: 'openai,anthropic' };
const ARCHIVE = resolve(__dirname, '../../fixtures/data-directory-v1.tar.gz');
/** The day of its creation, by the audit log. */
const { from, to } = { from: '2026-11-26T00:00:00.000Z', to: '2026-11-27T00:00:00.000Z' };

let home: string;
let remove: () => void;
let running: LocalProcess | undefined;

beforeEach(() => {
  ({ home, remove } = temporaryHome());
});

afterEach(async () => {
  await running?.stop('SIGKILL');
  remove();
});

async function start(): Promise<LocalProcess> {
  running = await LocalProcess.start(home, PROVIDERS);
  return running;
}

async function eventIds(server: LocalProcess): Promise<Set<string>> {
  const { body } = await server.call('GET', `/v1/audit/events?from=${from}&to=${to}&limit=500`);
  return new Set((body['events'] as { id: string }[]).map(({ id }) => id));
}

const rotationEnds = (server: LocalProcess): Promise<Record<string, unknown>> =>
  until(
    'the rotation of the earlier release is completed',
    async () => {
      const { body } = await server.call('GET', '/v1/providers/openai/rotations');
      return (body['rotations'] as Record<string, unknown>[]).find(
        ({ rotation_id: id }) => id === facts.rotation.rotation_id,
      )!;
    },
    ({ status }) => String(status).startsWith('completed'),
  );

it('takes over a directory of the release before version marks: credentials, tokens, events, a running rotation', async () => {
  execFileSync('tar', ['-xzf', ARCHIVE, '-C', dirname(home)]);
  const server = await start();
  expect(server.url).not.toBe('');
  expect(readFileSync(join(home, 'version'), 'utf8')).toBe('4\n');
  const context = { team: 'search' };
  for (const token of facts.tokens) {
    const provider = token.split('.')[1]!;
    // Independent of the date of this test: a version's grace period may be over by then, and rewrap still lifts a token.
    const lifted = await server.call('POST', `/v1/providers/${provider}/rewrap`, { ciphertext: token, context });
    expect(lifted.status).toBe(200);
    const { ciphertext } = lifted.body;
    const opened = await server.call('POST', `/v1/providers/${provider}/decrypt`, { ciphertext, context });
    expect(opened).toMatchObject({ status: 200, body: { plaintext: facts.plaintext } });
  }
  const reveal = (name: string) => server.call('POST', `/v1/providers/openai/credentials/${name}/reveal`);
  for (const name of facts.names) {
    expect(await reveal(name)).toMatchObject({ status: 200, body: { api_key: facts.plaintext } });
  }
  expect((await reveal('third')).status).toBe(404);
  const lost = async (by: LocalProcess): Promise<string[]> => {
    const ids = await eventIds(by);
    return facts.events.filter((id) => !ids.has(id));
  };
  expect(await lost(server)).toEqual([]);
  await until('its events are in the journal, and their rows erased', () =>
    /has taken over are erased/.test(server.output),
  );
  expect(await lost(server)).toEqual([]);
  expect(await rotationEnds(server)).toMatchObject({ status: 'completed' });
  for (const name of facts.names) {
    expect(await reveal(name)).toMatchObject({ status: 200, body: { key_version: 2 } });
  }
  // It had no clean end, so its logs are kept until the next one.
  expect(readdirSync(home).filter((name) => name.startsWith('dynamodb-logs-'))).toHaveLength(1);
  expect(await server.stop()).toBe(0);
  expect(readdirSync(home).filter((name) => name.startsWith('dynamodb-logs-'))).toEqual([]);
  const next = await start();
  expect(await lost(next)).toEqual([]);
  expect(next.output).not.toMatch(/earlier release|taken over/);
});

it('takes its events over wherever it is killed meanwhile', async () => {
  execFileSync('tar', ['-xzf', ARCHIVE, '-C', dirname(home)]);
  for (let looks = 1; looks < 16; looks *= 2) {
    const server = await start();
    for (let made = 0; made < looks; made += 1) {
      const ids = await eventIds(server);
      expect(facts.events.filter((id) => !ids.has(id))).toEqual([]);
    }
    await server.stop('SIGKILL');
  }
  const last = await start();
  await until(
    'nothing is left to take over',
    () =>
      existsSync(join(home, 'audit', 'takeover.json')) &&
      readFileSync(join(home, 'audit', 'takeover.json'), 'utf8') === '{"state":"erased"}\n',
  );
  const ids = await eventIds(last);
  expect(facts.events.filter((id) => !ids.has(id))).toEqual([]);
});

it('refuses a directory of a newer release, and touches nothing', async () => {
  await (await start()).stop();
  writeFileSync(join(home, 'version'), '5\n');
  const look = (): unknown =>
    (readdirSync(home, { recursive: true }) as string[])
      .sort()
      .map((name) => [name, statSync(join(home, name)).mtimeMs]);
  const before = look();
  const refused = await start();
  expect(refused.output).toMatch(
    /^keyward: \S+ is of a newer Keyward \(version 5 of the data directory, where this one knows 4\); start that one\n$/,
  );
  expect(await refused.stop()).toBe(1);
  expect(look()).toEqual(before);
  expect(existsSync(join(home, 'running'))).toBe(false);
});

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux(
  'refuses it while a process of that release has its database open, which has given its lock away',
  async () => {
    execFileSync('tar', ['-xzf', ARCHIVE, '-C', dirname(home)]);
    const lock = join(home, 'dynamodb', 'LOCK');
    const old = spawn(process.execPath, [
      '-e',
      `require('fs').openSync(${JSON.stringify(lock)}, 'r+'); console.log(1); setInterval(() => {}, 1000)`,
    ]);
    try {
      await once(old.stdout, 'data');
      const refused = await start();
      expect(refused.output).toBe(
        `keyward: ${home} is in use by another running Keyward of an older version (process ${old.pid}); stop that one first\n`,
      );
      expect(await refused.stop()).toBe(1);
      expect(existsSync(join(home, 'version'))).toBe(false);
    } finally {
      old.kill('SIGKILL');
      await once(old, 'close');
    }
    expect((await start()).url).not.toBe('');
  },
  300_000,
);
