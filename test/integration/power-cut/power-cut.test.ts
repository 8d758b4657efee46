import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EFFORT, runs } from '../../effort';
import { testUnless } from '../../skip-without';
import { allAuditEvents } from '../audit-pages';
import { LocalProcess } from '../local/local-process';
import { credentialsOf, send, type Reply } from '../local/signed-request';
import { Device, type Names } from './device';

const KEY = `sk-example-not-a-real-key-${'x'.repeat(1_000)}`;
const PROVIDERS = { KEYWARD_PROVIDERS: 'openai' };
const CLIENTS = 8;
/** `npm run test:long` writes twice as much and cuts the power more often. */
const ROUNDS_BEFORE_ROTATING = EFFORT > 1 ? 12 : 6;
const ROUNDS_AFTER = ROUNDS_BEFORE_ROTATING;

/** An answer, and the moment of the device's journal at which it had arrived. */
interface Answered {
  readonly moment: number;
  readonly requestId: string;
  readonly name?: string;
  readonly token?: string;
}

let parent: string;

beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'keyward-power-')));
});
afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

function compileShadow(): string {
  const library = join(parent, 'shadow.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(__dirname, 'shadow.c'), '-ldl', '-lpthread'], {
    stdio: 'ignore',
  });
  return library;
}

const noCompiler =
  process.platform === 'linux' && spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0
    ? undefined
    : 'what the device has can only be watched on Linux, with a C compiler';

async function work(home: string, url: string, device: Device): Promise<Answered[]> {
  const answered: Answered[] = [];
  const call = (method: string, path: string, body?: unknown): Promise<Reply> =>
    send(credentialsOf(home, 'default'), {
      method,
      url: `${url}${path}`,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const note = (reply: Reply, facts: { name?: string; token?: string }): void => {
    answered.push({ moment: device.now(), requestId: reply.headers.get('x-request-id') ?? '', ...facts });
  };
  const oneRound = async (client: number, round: number): Promise<void> => {
    const name = `name-${client}-${round}`;
    const stored = await call('PUT', `/v1/providers/openai/credentials/${name}`, { api_key: KEY });
    expect(stored.status).toBe(201);
    note(stored, { name });
    const sealed = await call('POST', '/v1/providers/openai/encrypt', { plaintext: KEY });
    expect(sealed.status).toBe(200);
    note(sealed, { token: String(sealed.body['ciphertext']) });
  };
  const rounds = async (from: number, to: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        for (let round = from; round < to; round += 1) await oneRound(client, round);
      }),
    );
  };
  await rounds(0, ROUNDS_BEFORE_ROTATING);
  // From then on tokens depend on a new DEK version.
  const rotation = await call('POST', '/v1/providers/openai/rotate', { emergency: true, reason: 'a test' });
  expect(rotation.status).toBe(202);
  await rounds(ROUNDS_BEFORE_ROTATING, ROUNDS_BEFORE_ROTATING + ROUNDS_AFTER);
  return answered;
}

/** Starts from the device's contents at a moment, and reads everything that had been answered by then. */
async function holdsAll(home: string, answered: readonly Answered[]): Promise<void> {
  const server = await LocalProcess.start(home, PROVIDERS);
  try {
    expect(server.output).toContain('running at');
    const problems: string[] = [];
    for (const { name, token } of answered) {
      if (name !== undefined) {
        const revealed = await server.call('POST', `/v1/providers/openai/credentials/${name}/reveal`);
        if (revealed.body['api_key'] !== KEY) problems.push(`${name}: ${revealed.status}`);
      }
      if (token !== undefined) {
        const lifted = await server.call('POST', '/v1/providers/openai/rewrap', { ciphertext: token });
        if (lifted.status !== 200) problems.push(`${token.slice(0, 20)}: ${lifted.status}`);
      }
    }
    const events = await allAuditEvents((method, path) => server.call(method, path), 'event_type=encrypt');
    const ids = new Set(events.map(({ request_id: id }) => id));
    for (const { requestId } of answered) if (!ids.has(requestId)) problems.push(`no event of ${requestId}`);
    expect(problems).toEqual([]);
  } finally {
    await server.stop('SIGKILL');
  }
}

testUnless(noCompiler, 'has all that was answered on the device, whenever the power goes', async () => {
  const library = compileShadow();
  const root = join(parent, 'disk');
  const shadow = join(parent, 'shadow');
  mkdirSync(root);
  mkdirSync(shadow);
  const home = join(root, 'some', 'where', 'data');
  const device = new Device(shadow);
  const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), join(__dirname, 'child.ts'), home], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      LD_PRELOAD: library,
      KEYWARD_SHADOW: shadow,
      KEYWARD_SHADOWED: root,
    },
  });
  const exited = once(child, 'exit');
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const started = device.now();
  const answered = await work(home, url, device);
  child.kill('SIGKILL');
  await exited;
  expect(answered.length).toBe(2 * CLIENTS * (ROUNDS_BEFORE_ROTATING + ROUNDS_AFTER));
  const last = device.now();
  const anywhere = (from: number, to: number): number => from + Math.floor(Math.random() * (to - from));
  const risky = device.withUnsyncedLog(answered.map(({ moment }) => moment)).slice(EFFORT > 1 ? -3 : -2);
  const between = Array.from({ length: EFFORT > 1 ? runs(2) : 1 }, () => anywhere(started, last));
  const moments = [...risky, anywhere(0, started), started, ...between, last];
  for (const [index, moment] of moments.entries()) {
    for (const names of ['early', 'late'] satisfies Names[]) {
      const target = join(parent, `${names}-${index}`);
      device.restore(moment, names, root, target);
      await holdsAll(
        join(target, 'some', 'where', 'data'),
        answered.filter((each) => each.moment <= moment),
      );
    }
  }
});
