import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from '../../../compile/root';
import { temporaryHome } from './local-process';

const POLL_MS = 50;

interface Started {
  readonly npm: ChildProcess;
  /** The serving process. */
  readonly server: number;
  readonly output: () => string;
}

let home: string;
let remove: () => void;

beforeEach(() => {
  ({ home, remove } = temporaryHome());
});
afterEach(() => {
  remove();
});

/** Starts as a user or a supervisor does, in a separate process group as on a terminal. */
async function npmStart(env: Record<string, string> = {}): Promise<Started> {
  const npm = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...process.env, NODE_NO_WARNINGS: '1', KEYWARD_HOME: home, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  await new Promise<void>((resolveStarted) => {
    npm.stdout.on('data', () => {
      if (output.includes('Ctrl-C stops it')) resolveStarted();
    });
    npm.once('close', () => {
      resolveStarted();
    });
  });
  expect(output).toContain('Ctrl-C stops it');
  const { pid: server } = JSON.parse(readFileSync(join(home, 'running'), 'utf8')) as { pid: number };
  return { npm, server, output: () => output };
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function ended({ npm, server }: Started): Promise<number | null> {
  if (npm.exitCode === null && npm.signalCode === null) await once(npm, 'exit');
  // A process without its parent may take a moment longer.
  for (let tries = 0; isAlive(server) && tries < 600; tries += 1) await delay(POLL_MS);
  try {
    expect(isAlive(server)).toBe(false);
  } finally {
    if (isAlive(server)) process.kill(server, 'SIGKILL');
  }
  return npm.exitCode;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm alone reaches the server, which ends as it should',
  async (signal) => {
    const started = await npmStart();
    started.npm.kill(signal);
    expect(await ended(started)).toBe(0);
    expect(started.output()).toContain('stopping: answering the accepted requests');
    expect(existsSync(join(home, 'running'))).toBe(false);
  },
  240_000,
);

test('Ctrl-C, which the terminal sends to npm and the server and npm sends on to the server, is one signal', async () => {
  const started = await npmStart();
  process.kill(-(started.npm.pid ?? 0), 'SIGINT');
  expect(await ended(started)).toBe(0);
  expect(existsSync(join(home, 'running'))).toBe(false);
}, 240_000);

test('it starts where nothing can be made in the temporary directory', async () => {
  const file = join(home, '..', 'no-directory');
  writeFileSync(file, '');
  const started = await npmStart({ TMPDIR: file });
  process.kill(started.server, 'SIGTERM');
  expect(await ended(started)).toBe(0);
}, 240_000);
