import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { print, Tally } from '../e2e/tally';
import { commandBlocks, shownFiles, type CommandBlock } from '../unit/docs/command-blocks';
import { documents } from '../unit/docs/documents';
import { copySources } from './copy-sources';

/**
 * Runs the documents' commands unchanged, in a fresh clone and in the folder of a program, against the server that the README
 * starts. Commands marked `not run` are listed with their reason. Takes about five minutes, mostly the wait of a rotation.
 */

/** Answers to questions that are asked without echo. */
const KEY = 'sk-example-not-a-real-key';
/** The documents' address; the server is on a free port here. */
const DOCUMENTED_URL = 'http://127.0.0.1:8787';
const LIMIT_MS = 1_800_000;

/** The files that a documented program has in its own folder: the package that it imports, and its start command. */
const PROGRAM_FILES = {
  'package.json': JSON.stringify({ private: true, type: 'module', scripts: { start: 'node app.js' } }),
  'node_modules/openai/package.json': JSON.stringify({ name: 'openai', type: 'module', exports: './index.js' }),
  'node_modules/openai/index.js':
    "export default class { constructor() { if (!process.env.OPENAI_API_KEY?.startsWith('sk-')) throw new Error('no key'); } }\n",
};
/** Other credentials that the documents name. */
const STORED_BEFORE = ['anthropic default', 'anthropic search'];
const BEFORE_COMPLETION: Readonly<Record<string, string>> = { zsh: 'autoload -U compinit && compinit -u; ' };

const tally = new Tally();
const all = documents();
const blocks = all.flatMap(commandBlocks);
const nameOf = ({ path, line, text }: CommandBlock): string => `${path}:${line} ${text.split('\n', 1)[0] ?? ''}`;

/** The environment of a user's terminal: without variables of this run, of AWS or of the running npm. */
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|AWS_|KEYWARD_)/.test(name)));

class Server {
  output = '';
  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** @throws Error if it ends before it serves */
  static async start(clone: string, command: string): Promise<Server> {
    // A free port: another server may have the usual one.
    const env = { ...clean, PORT: '0', npm_config_prefer_offline: 'true' };
    const child = spawn('bash', ['-c', command], {
      cwd: clone,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const server = new Server(child);
    const ended = once(child, 'exit').then(() => true);
    while (!server.output.includes('Ctrl-C stops it')) {
      if (await Promise.race([ended, once(child.stdout, 'data').then(() => false)]))
        throw new Error(`it ended: ${server.output.slice(-500)}`);
    }
    return server;
  }

  get url(): string {
    return /running at (\S+)/.exec(this.output)?.[1] ?? '';
  }

  /** Sends the signal as Ctrl-C does. */
  async stop(): Promise<void> {
    const { pid } = this.child;
    if (pid === undefined || this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    process.kill(-pid, 'SIGINT');
    await ended;
  }
}

/** @throws Error with the command that failed and the end of its output, or with the stdout that is not `expected` */
function run(shell: string, script: string, cwd: string, env: NodeJS.ProcessEnv, expected?: string): void {
  const options = { cwd, env, input: `${KEY}\n`, encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 2 ** 28 } as const;
  const { status, stdout, stderr } = spawnSync(shell, ['-c', script], options);
  if (status !== 0) throw new Error(`ended with ${String(status)}: ${(stdout + stderr).slice(-800)}`);
  // A terminal does not show one line end more or less.
  if (expected !== undefined && stdout.trimEnd() !== expected.trimEnd())
    throw new Error(`wrote ${JSON.stringify(stdout.slice(0, 800))}, and the document says ${JSON.stringify(expected)}`);
}

const check = (what: string, ...command: Parameters<typeof run>): Promise<boolean> =>
  tally.check(what, () => {
    run(...command);
    return Promise.resolve();
  });

/** Stops at the first line that fails, also in a pipe, or is answered with an error. */
const STRICT = `set -euo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
curl() { command curl --fail-with-body "$@"; }
`;

async function runAll(clone: string, folder: string, server: Server): Promise<void> {
  const env = { ...clean, KEYWARD_ENDPOINT: server.url };
  let settings = '';
  const inClone = (text: string): string =>
    text.replaceAll('"$PWD', `"${clone}`).replaceAll(DOCUMENTED_URL, server.url);
  for (const block of blocks) {
    const text = inClone(block.text);
    if (block.way === 'run: setting') {
      settings += text;
      for (const each of STORED_BEFORE) run('bash', `${STRICT}${settings}keyward credential put ${each}`, folder, env);
    }
    if (block.way === 'run: in the clone') await check(nameOf(block), 'bash', STRICT + text, clone, env, block.output);
    if (block.way === 'run') {
      await check(nameOf(block), 'bash', STRICT + settings + text, folder, env, block.output);
    }
    if (block.way === 'run: shells') {
      for (const line of text.split('\n').filter((each) => each !== '')) {
        const shell = /completion (\w+)/.exec(line)?.[1] ?? 'sh';
        if (spawnSync(shell, ['-c', 'true']).status !== 0) tally.skip(`${line}: there is no ${shell} here`);
        else {
          const path = { ...env, PATH: `${join(clone, 'bin')}:${process.env['PATH'] ?? ''}` };
          await check(line, shell, (BEFORE_COMPLETION[shell] ?? '') + line, folder, path);
        }
      }
    }
  }
}

async function main(): Promise<void> {
  const [clone, folder] = ['clone', 'program'].map((name) => mkdtempSync(join(tmpdir(), `keyward-${name}-`))) as [
    string,
    string,
  ];
  const start = blocks.find(({ way }) => way === 'run: server');
  if (start === undefined) throw new Error('no document starts the server');
  let server: Server | undefined;
  try {
    copySources(clone);
    for (const [file, text] of [...Object.entries(PROGRAM_FILES), ...all.flatMap((each) => [...shownFiles(each)])]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const isServing = await tally.check(nameOf(start), async () => {
      server = await Server.start(clone, start.text);
    });
    if (isServing && server !== undefined) await runAll(clone, folder, server);
    for (const block of blocks) if (block.way === 'not run') print(`not run ${nameOf(block)}: ${block.reason}`);
  } finally {
    await server?.stop();
    for (const each of [clone, folder]) rmSync(each, { recursive: true, force: true });
  }
  print(tally.toString());
  process.exitCode = tally.allPassed ? 0 : 1;
}

void main();
