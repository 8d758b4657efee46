import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { print, Tally } from '../e2e/tally';
import { copySources } from './copy-sources';

/**
 * What a user does with a fresh checkout: after `npm ci --omit=dev` and after `npm ci`, on each Node, from other folders, with
 * an edited source and on a read-only medium. Takes minutes and needs npm's registry or its cache; what is not there is SKIPPED.
 */

const NODES = ['20', '22', '24'];
const KEY = 'sk-example-not-a-real-key';
/** Longer than any step takes on a busy machine; without it a registry that never answers would block the run. */
const LIMIT_MS = 900_000;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Node {
  readonly name: string;
  /** The program's directory. */
  readonly directory: string;
}

const tally = new Tally();
const skip = (what: string): void => {
  tally.skip(what);
};

const environmentOf = (node?: Node): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|AWS_|KEYWARD_)/.test(name));
  const path = [...(node === undefined ? [] : [node.directory]), process.env['PATH'] ?? ''].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path };
};

function run(cwd: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Ended {
  const options = { cwd, env, input, encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 2 ** 28 } as const;
  const { status, stdout, stderr } = spawnSync(program, args, options);
  return { code: status, out: stdout, err: stderr };
}

function succeed(what: string, { code, out, err }: Ended): string {
  if (code !== 0)
    throw new Error(`${what} ended with ${String(code)}: ${err.trim().split('\n').slice(-3).join(' / ')}`);
  return out;
}

function expectText(what: string, text: string, wanted: string): void {
  if (!text.includes(wanted)) throw new Error(`${what} does not say ${wanted}, but ${text.slice(0, 200)}`);
}

function nodes(): Node[] {
  const own = process.versions.node.split('.')[0] ?? '';
  return NODES.flatMap((major): Node[] => {
    if (major === own) return [{ name: `Node ${process.versions.node}`, directory: dirname(process.execPath) }];
    const found = run(tmpdir(), 'npx', ['-y', `node@${major}`, '-p', 'process.execPath'], environmentOf());
    if (found.code === 0) return [{ name: `Node ${major}`, directory: dirname(found.out.trim()) }];
    skip(`Node ${major}: npm does not get it here`);
    return [];
  });
}

class Server {
  output = '';
  constructor(readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  /** Starts `npm start` and waits until it serves. */
  static async start(checkout: string, env: NodeJS.ProcessEnv, program = 'npm', args = ['start']): Promise<Server> {
    const server = new Server(
      spawn(program, args, { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true }),
    );
    const ended = once(server.child, 'exit').then(() => 'ended');
    while (!server.output.includes('Ctrl-C stops it')) {
      const next = server.child.stdout === null ? ended : once(server.child.stdout, 'data').then(() => 'more');
      if ((await Promise.race([next, ended])) === 'ended') throw new Error(`npm start ended: ${server.output}`);
    }
    return server;
  }

  get url(): string {
    return /running at (\S+)/.exec(this.output)?.[1] ?? '';
  }

  /** Sends the signal as Ctrl-C does: to npm and its children. */
  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    process.kill(-(this.child.pid ?? 0), 'SIGINT');
    await ended;
  }
}

/** The main job, by hand: the server by npm start, the command from a folder with the checkout linked by npm. */
async function mainJob(checkout: string, elsewhere: string, node: Node): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'keyward-installed-'));
  const env = { ...environmentOf(node), KEYWARD_HOME: join(home, 'data'), PORT: '0' };
  const server = await Server.start(checkout, env);
  try {
    const there = { ...env, KEYWARD_ENDPOINT: server.url };
    const keyward = (input: string, ...args: readonly string[]): string =>
      succeed(args.join(' '), run(elsewhere, 'npx', ['--no-install', 'keyward', ...args], there, input));
    const token = keyward(KEY, 'encrypt', 'openai', '--context', 'team=search');
    expectText('decrypt', keyward(token, 'decrypt', 'openai', '--context', 'team=search'), KEY);
    keyward(KEY, 'credential', 'put', 'openai', 'default');
    expectText('reveal', keyward('', 'credential', 'reveal', 'openai', 'default'), KEY);
    expectText('the dry run', keyward('', 'rotate', 'openai', '--dry-run'), 'would_move');
    const page = await fetch(`${server.url}/docs/swagger-ui-bundle.js`);
    if (page.status !== 200 || (await page.text()).length < 100_000) throw new Error('the documentation is not served');
  } finally {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

function editedSource(checkout: string, elsewhere: string, node: Node): void {
  const path = join(checkout, 'cli/options.ts');
  const before = readFileSync(path, 'utf8');
  const help = (): string =>
    succeed('--help', run(elsewhere, 'npx', ['--no-install', 'keyward', '--help'], environmentOf(node)));
  writeFileSync(path, before.replace('show the version', `show it on ${node.name}`));
  expectText('--help', help(), `show it on ${node.name}`);
  writeFileSync(path, before);
  expectText('--help', help(), 'show the version');
}

/** The checkout mounted read-only, with a source that changed after its build. */
async function readOnly(checkout: string): Promise<void> {
  const path = join(checkout, 'cli/options.ts');
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, before.replace('show the version', 'show it, read-only'));
  const mounted = (command: string): string[] => [
    '-m',
    'sh',
    '-c',
    `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && ! touch "$1/written" 2>/dev/null && cd "$1" && exec ${command}`,
    'sh',
    checkout,
  ];
  const home = mkdtempSync(join(tmpdir(), 'keyward-installed-'));
  const env = { ...environmentOf(), KEYWARD_HOME: join(home, 'data'), PORT: '0' };
  try {
    expectText(
      '--help',
      succeed('--help', run('/', 'unshare', mounted('node bin/keyward.cjs --help'), env)),
      'read-only',
    );
    const server = await Server.start(checkout, env, 'unshare', mounted('node bin/local.cjs'));
    await server.stop();
  } finally {
    writeFileSync(path, before);
    rmSync(home, { recursive: true, force: true });
  }
}

const canMount = (): boolean => run('/', 'unshare', ['-m', 'mount', '--bind', '/tmp', '/tmp'], process.env).code === 0;

/** The number of entries of node_modules, and its size in MiB. */
function sizeOf(checkout: string): string {
  const packages = readdirSync(join(checkout, 'node_modules')).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(checkout, 'node_modules', name)) : name.startsWith('.') ? [] : [name],
  );
  const size = run(checkout, 'du', ['-sm', 'node_modules'], process.env).out.split('\t', 1)[0] ?? '?';
  return `${packages.length} packages, ${size} MiB`;
}

async function checkInstalled(checkout: string, install: readonly string[], all: readonly Node[]): Promise<void> {
  const [own] = all;
  const installed = run(checkout, 'npm', [...install, '--prefer-offline'], environmentOf());
  if (installed.code !== 0 || own === undefined) {
    skip(`${install.join(' ')}: npm does not get the packages here`);
    return;
  }
  const when = `after npm ${install.join(' ')}`;
  print(`        ${when}: ${sizeOf(checkout)}`);
  const elsewhere = mkdtempSync(join(tmpdir(), 'keyward-elsewhere-'));
  try {
    await tally.check(`${when}, linked into another folder`, async () => {
      writeFileSync(join(elsewhere, 'package.json'), '{"private":true}');
      const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', checkout];
      succeed('npm install', run(elsewhere, 'npm', args, environmentOf()));
      await Promise.resolve();
    });
    for (const node of all) {
      await tally.check(`${when}, ${node.name}: npm start, and the command from another folder`, () =>
        mainJob(checkout, elsewhere, node),
      );
      await tally.check(`${when}, ${node.name}: an edited source`, async () => {
        editedSource(checkout, elsewhere, node);
        await Promise.resolve();
      });
    }
    if (canMount()) await tally.check(`${when}: read-only`, () => readOnly(checkout));
    else skip(`${when}: read-only: nothing can be mounted here`);
    await tally.check(`${when}: cdk synth`, async () => {
      succeed('cdk synth', run(checkout, 'npm', ['run', '--silent', 'synth'], environmentOf()));
      await Promise.resolve();
    });
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const checkout = mkdtempSync(join(tmpdir(), 'keyward-checkout-'));
  try {
    copySources(checkout);
    const all = nodes();
    await checkInstalled(checkout, ['ci', '--omit=dev'], all);
    await checkInstalled(checkout, ['ci'], all);
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
  print(tally.toString());
  process.exitCode = tally.allPassed ? 0 : 1;
}

void main();
