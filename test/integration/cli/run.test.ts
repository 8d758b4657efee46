import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from '../../../compile/root';
import { describeUnless } from '../../skip-without';
import { until } from '../../until';
import { LocalProcess, temporaryHome } from '../local/local-process';
import { NO_TERMINAL, ShellOnTerminal } from './shell-on-terminal';
import { bareEnvironment } from './bare-environment';

/** `keyward run` with the command, a server, and programs that are real: signals, pipes and terminals are the system's. */

const KEY = 'sk-example/run-canary+not=a-real-key';
const OTHER = 'sk-example-other-canary-not-a-real-key';
const PEM = `-----BEGIN PRIVATE KEY-----\n${'QUJDREVG'.repeat(8)}\n-----END PRIVATE KEY-----\n`;
const BIN = join(ROOT, 'bin/keyward.cjs');
const ONE = ['--credential', 'openai/default=OPENAI_API_KEY'] as const;

const { home, remove } = temporaryHome();
const elsewhere = join(dirname(home), 'elsewhere');
let server: LocalProcess;
let files = 0;
const nextFile = (): string => join(elsewhere, `file-${(files += 1)}`);
const fileOf = (content: string): string => {
  const path = nextFile();
  writeFileSync(path, content);
  return path;
};

const environment = (): Record<string, string> => bareEnvironment({ home, url: server.url }, dirname(home));
const keyward = (argv: readonly string[], input?: string): string =>
  execFileSync(process.execPath, [BIN, ...argv], {
    cwd: elsewhere,
    env: environment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input !== undefined && { input }),
  }).toString();

/** A program in JavaScript, which may write by `say`, at once. */
const script = (text: string): string[] => [
  '--',
  process.execPath,
  '-e',
  `const { writeSync } = require('node:fs'); const say = (text) => writeSync(1, text); ${text}`,
];

/** A running command. */
class Running {
  out = '';
  err = '';
  readonly closed: Promise<unknown>;

  constructor(readonly child: ChildProcess) {
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString('latin1')));
    child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString('latin1')));
    this.closed = once(child, 'close');
  }

  async says(text: string): Promise<void> {
    await until(`the program says ${text}`, () => this.out.includes(text));
  }

  async end(): Promise<{ code: number | string; out: string; err: string }> {
    await this.closed;
    return { code: this.child.signalCode ?? this.child.exitCode ?? -1, out: this.out, err: this.err };
  }
}

const start = (argv: readonly string[], extra: Record<string, string> = {}): ChildProcess =>
  spawn(process.execPath, ['--', BIN, 'run', ...argv], { cwd: elsewhere, env: { ...environment(), ...extra } });
const running = (argv: readonly string[], input: string | Buffer = ''): Running => {
  const started = new Running(start(argv));
  started.child.stdin?.end(input);
  return started;
};
const ran = (argv: readonly string[], input: string | Buffer = '') => running(argv, input).end();

interface AuditRow {
  readonly operation?: string;
  readonly success?: boolean;
}
const reveals = (name: string): number =>
  keyward(['audit', '--json', '--all', '--credential', name, '--operation', 'reveal_credential'])
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditRow)
    .filter(({ success }) => success === true).length;

beforeAll(async () => {
  mkdirSync(elsewhere, { recursive: true });
  server = await LocalProcess.start(home);
  mkdirSync(elsewhere, { recursive: true });
  keyward(['credential', 'put', 'openai', 'default'], KEY);
  keyward(['credential', 'put', 'anthropic', 'other'], OTHER);
  keyward(['credential', 'put', 'openai', 'pem'], PEM);
  keyward(['credential', 'put', 'openai', 'short', '--format', 'text'], 'short');
  keyward(['credential', 'put', 'openai', 'nul', '--format', 'text'], 'before\0after');
});
afterAll(async () => {
  await server.stop();
  remove();
});

describe('what the program has', () => {
  test('its arguments, environment, directory and stdin as they were given, and the keys', async () => {
    const show =
      'say(JSON.stringify([process.argv.slice(1), process.env, process.cwd(), require("node:fs").readFileSync(0, "base64")]))';
    const input = Buffer.from([0, 255, 10, 13, 10]);
    const argv = ['--', '-h', '--json', '', 'a b', '$HOME', "'", '--credential'];
    const ended = await ran([...ONE, ...script(show), ...argv], input);
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(ended.out)).toEqual([
      // Node takes the first -- of these for itself.
      argv.slice(1),
      { ...environment(), OPENAI_API_KEY: KEY },
      elsewhere,
      input.toString('base64'),
    ]);
  });

  test('what a file names, over what was there; a file may be a pipe', async () => {
    const file = fileOf(`A="keyward://openai/default"\nB='keyward://openai/pem'\nC=plain # comment\nHOST=new\n`);
    const show = script(
      'say(JSON.stringify([process.env.A, process.env.B, process.env.C, process.env.HOST, process.env.D]))',
    );
    const line = `exec "$0" -- "${BIN}" run --env-file '${file}' --env-file <(echo D=keyward://anthropic/other) "$@"`;
    const child = spawn('bash', ['-c', line, process.execPath, ...show], {
      cwd: elsewhere,
      env: { ...environment(), HOST: 'old' },
    });
    const { code, out } = await new Running(child).end();
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([KEY, PEM, 'plain', 'new', OTHER]);
  });

  test('what the shell has opened for an argument', async () => {
    const line = `exec "$0" -- "${BIN}" run ${ONE.join(' ')} "$@" -- cat <(echo one) <(echo two)`;
    for (const mask of [[], ['--mask']]) {
      const child = spawn('bash', ['-c', line, process.execPath, ...mask], { cwd: elsewhere, env: environment() });
      expect(await new Running(child).end()).toEqual({ code: 0, out: 'one\ntwo\n', err: '' });
    }
  });

  test('Node reads no --env-file that is ours: it would do what NODE_OPTIONS in it says', async () => {
    const mark = nextFile();
    const code = fileOf(`require('node:fs').writeFileSync('${mark}', '')`);
    const file = fileOf(`NODE_OPTIONS=--require=${code}\n`);
    const link = nextFile();
    symlinkSync(join(ROOT, 'bin/keyward'), link);
    for (const argv of [['--env-file', file], [`--env-file=${file}`]]) {
      const child = spawn(link, ['run', ...argv, '--', 'true'], { cwd: elsewhere, env: environment() });
      const refused = expect.stringMatching(/^keyward: usage: --env-file: line 1: NODE_OPTIONS controls how /);
      expect(await new Running(child).end()).toEqual({ code: 2, out: '', err: refused });
    }
    expect(existsSync(mark)).toBe(false);
    const plain = fileOf('A=1\n');
    const child = spawn(process.execPath, [BIN, 'run', '--env-file', plain, '--', 'true'], { env: environment() });
    expect(await new Running(child).end()).toMatchObject({
      code: 2,
      err: expect.stringContaining('Node itself has read'),
    });
  });

  test('each credential is revealed once, and the audit log has it', async () => {
    const before = [reveals('default'), reveals('other')];
    const both = [...ONE, '--credential', 'openai/default=B', '--credential', 'anthropic/other=C'];
    expect(await ran([...both, ...script('say(process.env.B + process.env.C)')])).toMatchObject({ out: KEY + OTHER });
    expect([reveals('default'), reveals('other')]).toEqual(before.map((count) => count + 1));
  });
});

describe('what is not started', () => {
  test.each<[what: string, argv: () => string[], code: number, err: RegExp]>([
    [
      'one of two is not there',
      () => [...ONE, '--credential', 'openai/none=B'],
      4,
      /^keyward: credential_not_found: openai\/none for B: there is no .*; the program was not started \(request \w+\)\n$/,
    ],
    [
      'one of two may not be revealed',
      () => [...ONE, '--credential', 'anthropic/other=B', '--profile', 'openai-only'],
      3,
      /^keyward: \w+: anthropic\/other for B: /,
    ],
    [
      'a provider is not there',
      () => ['--credential', 'nobody/x=B'],
      4,
      /^keyward: provider_not_found: nobody\/x for B: .*there are /,
    ],
    [
      'a value has a NUL',
      () => [...ONE, '--credential', 'openai/nul=B'],
      126,
      /^keyward: nul_in_value: openai\/nul for B: /,
    ],
    [
      'a line of the file is wrong',
      () => [...ONE, '--env-file', fileOf('A=keyward://openai/default\nPATH=/tmp')],
      2,
      /^keyward: usage: --env-file: line 2: PATH /,
    ],
    [
      'a variable would load code',
      () => ['--credential', 'openai/default=LD_PRELOAD'],
      2,
      /^keyward: usage: --credential: the variable /,
    ],
  ])('%s', async (_, argv, code, err) => {
    const mark = nextFile();
    const before = reveals('default');
    const ended = await ran([...argv(), '--', 'touch', mark]);
    expect(ended).toEqual({ code, out: '', err: expect.stringMatching(err) });
    expect(existsSync(mark)).toBe(false);
    expect(ended.err).not.toMatch(/canary|before/);
    if (code === 2) expect(reveals('default')).toBe(before);
  });

  test.each([
    ['no such program', ['no-such-program-here'], 127, 'program_not_found'],
    ['a directory', ['/'], 126, 'not_started'],
  ])('%s', async (_, argv, code, name) => {
    const ended = await ran([...ONE, '--', ...argv]);
    expect(ended).toEqual({ code, out: '', err: expect.stringMatching(`^keyward: ${name}: `) });
  });
});

describe('how it ends', () => {
  test.each([0, 1, 2, 126, 255])('with the code %i', async (code) => {
    expect(await ran([...ONE, ...script(`process.exit(${code})`)])).toEqual({ code, out: '', err: '' });
  });

  test.each<[signal: NodeJS.Signals, code: string | number]>([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGINT'],
    ['SIGKILL', 'SIGKILL'],
    ['SIGUSR2', 'SIGUSR2'],
    ['SIGPIPE', 141],
    ['SIGSEGV', 139],
  ])('of %s', async (signal, code) => {
    for (const mask of [[], ['--mask']]) {
      const ended = await ran([
        ...ONE,
        ...mask,
        '--',
        'sh',
        '-c',
        `ulimit -c 0; printf said; kill -${signal.slice(3)} $$; sleep 600`,
      ]);
      expect(ended).toEqual({ code, out: 'said', err: '' });
    }
  });

  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'])(
    '%s reaches the program, each time, and it decides',
    async (signal) => {
      const listen = `process.on('${signal}', () => say('<heard>')); setInterval(() => {}, 1000);
        process.stdin.on('data', (text) => { if (String(text).includes('end')) process.exit(5); }); say('ready');`;
      // In a separate session: no terminal sends it a signal.
      const child = spawn(process.execPath, ['--', BIN, 'run', ...ONE, ...script(listen)], {
        cwd: elsewhere,
        env: environment(),
        detached: true,
      });
      const one = new Running(child);
      await one.says('ready');
      for (const times of [1, 2]) {
        child.kill(signal);
        await until('the program has heard of it', () => one.out.split('<heard>').length > times);
      }
      child.stdin.write('end\n');
      expect(await one.end()).toEqual({ code: 5, out: 'ready<heard><heard>', err: '' });
    },
  );
});

describe('--mask', () => {
  const MASKED = [...ONE, '--credential', 'openai/pem=PEM', '--mask'];

  test('hides what is written, on both, in pieces, in other forms, and of several lines', async () => {
    const write = `const key = process.env.OPENAI_API_KEY; const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      say('a ' + key + '\\n'); for (const letter of key) { say(letter); wait(); } say('\\n');
      say(JSON.stringify({ pem: process.env.PEM }) + '\\n'); say('Basic ' + Buffer.from('user:' + key).toString('base64') + '\\n');
      say(process.env.PEM); writeSync(2, 'error: ' + key); process.exitCode = 3;`;
    const ended = await ran([...MASKED, ...script(write)]);
    expect(ended).toEqual({
      code: 3,
      out: 'a ********\n********\n{"pem":"********"}\nBasic dXNlcjp********\n********',
      err: 'error: ********',
    });
  });

  test('a question without a line end is seen, also where its end begins a key, and stdin answers it', async () => {
    const ask = `say('Which one, sk-'); process.stdin.once('data', (text) => { say('? ' + text); process.exit(0); });`;
    const one = new Running(start([...MASKED, ...script(ask)]));
    await one.says('Which one, sk-');
    one.child.stdin?.write('mine\n');
    await one.says('? mine');
    one.child.stdin?.end();
    expect(await one.end()).toMatchObject({ code: 0, out: 'Which one, sk-? mine\n' });
  });

  test('a megabyte of any bytes comes through', async () => {
    const bytes = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7919) % 251));
    const file = nextFile();
    writeFileSync(file, bytes);
    const child = start([...MASKED, '--', 'cat', file]);
    child.stdin?.end();
    expect((await buffer(child.stdout!)).equals(bytes)).toBe(true);
  });

  test('a program waits for whoever reads it, signals reach it meanwhile, and all comes in the end', async () => {
    const many = 30_000_000;
    const file = nextFile();
    const write = `const fs = require('node:fs'); process.on('SIGUSR2', () => {}); let sent = 0; const chunk = Buffer.alloc(100000, 'x');
      const next = () => { if (sent >= ${many}) return; sent += chunk.length; fs.writeFileSync('${file}', String(sent)); process.stdout.write(chunk, next); }; next();`;
    const child = start([...MASKED, ...script(write)]);
    child.stdin?.end();
    const sentSoFar = (): number => (existsSync(file) ? Number(readFileSync(file, 'latin1')) : 0);
    let before = -1;
    await until('the program goes on no more', async () => {
      const now = sentSoFar();
      const isSame = now > 0 && now === before;
      before = now;
      if (!isSame) await delay(500);
      return isSame;
    });
    expect(sentSoFar()).toBeLessThan(many / 3);
    child.kill('SIGUSR2');
    expect((await buffer(child.stdout!)).length).toBe(many);
  });

  test('where nobody reads any more, writing fails for the program', async () => {
    const line = `"$0" "${BIN}" run ${MASKED.join(' ')} -- yes 2>/dev/null | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', line, process.execPath], { cwd: elsewhere, env: environment() });
    const ended = await new Running(child).end();
    expect(ended).toMatchObject({ code: 0, out: expect.stringMatching(/^y\n(1|141)\n$/) });
  });

  test('a program that closes its output goes on, and its code counts', async () => {
    const mark = nextFile();
    const ended = await ran([
      ...MASKED,
      '--',
      'sh',
      '-c',
      `echo first; exec >&- 2>&-; sleep 0.3; touch '${mark}'; exit 9`,
    ]);
    expect(ended).toEqual({ code: 9, out: 'first\n', err: '' });
    expect(existsSync(mark)).toBe(true);
  });

  test('what writes on after the program has ended is waited for, and hidden too', async () => {
    const ended = await ran([...MASKED, '--', 'sh', '-c', '(sleep 0.5; echo "$OPENAI_API_KEY") & exit 4']);
    expect(ended).toEqual({ code: 4, out: '********\n', err: '' });
  });

  test('and is not waited for after Ctrl-C', async () => {
    const program = ['sh', '-c', '(exec sleep 600) & echo "pid $!"; exit 4'];
    const one = new Running(start([...MASKED, '--', ...program]));
    await until('the program says its pid', () => /pid (\d+)\n/.test(one.out));
    const writer = Number(/pid (\d+)\n/.exec(one.out)?.[1]);
    try {
      // The program may not have ended yet, and then it is the one that hears of it.
      await until('the command has ended', () => {
        if (one.child.exitCode === null) one.child.kill('SIGINT');
        return one.child.exitCode !== null || one.child.signalCode !== null;
      });
      process.kill(writer, 0);
      expect([4, 'SIGINT']).toContain((await one.end()).code);
    } finally {
      process.kill(writer, 'SIGKILL');
    }
  });

  test('what is too short to hide is told of', async () => {
    const ended = await ran(['--credential', 'openai/short=S', '--mask', '--', 'sh', '-c', 'echo "$S"']);
    expect(ended).toEqual({
      code: 0,
      out: 'short\n',
      err: expect.stringMatching(/^keyward: not_masked: the value of S has fewer than 8/),
    });
  });

  test('a full disk is no success', async () => {
    if (!existsSync('/dev/full')) return;
    const line = `exec "$0" -- "${BIN}" run ${MASKED.join(' ')} -- echo text > /dev/full`;
    const child = spawn('bash', ['-c', line, process.execPath], { cwd: elsewhere, env: environment() });
    expect(await new Running(child).end()).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^keyward: output_failed: /),
    });
  });
});

describeUnless(NO_TERMINAL, 'on a terminal', () => {
  const RUN = `'${process.execPath}' '${BIN}' run ${ONE.join(' ')}`;
  let shell: ShellOnTerminal;
  const programFile = (text: string): string => `'${process.execPath}' '${fileOf(text)}'`;

  beforeAll(async () => {
    shell = await ShellOnTerminal.start({ ...environment(), PWD: elsewhere });
  });
  afterAll(async () => {
    await shell.end();
  });

  test.each(['', '--mask'])('Ctrl-C comes once, and whoever hears it decides (%s)', async (mask) => {
    const program = programFile(
      `let heard = 0; process.on('SIGINT', () => { heard += 1; console.log('heard ' + heard); }); console.log('rea' + 'dy');
       process.stdin.on('data', () => process.exit(heard));`,
    );
    shell.write(`${RUN} ${mask} -- ${program}; echo "code $?"\r`);
    await shell.shows('ready');
    for (const times of [1, 2, 3]) {
      shell.write('\u0003');
      await shell.shows(`heard ${times}\r\n`);
    }
    shell.write('\r');
    await shell.shows('code 3\r\n');
    await shell.next();
  });

  test.each(['', '--mask'])('Ctrl-C ends a program, and the shell hears of a signal (%s)', async (mask) => {
    shell.write(`${RUN} ${mask} -- sh -c 'echo rea""dy; exec sleep 600'\r`);
    await shell.shows('ready');
    shell.write('\u0003');
    await shell.next();
    expect(await shell.run('echo "code $?"')).toBe('code 130\n');
  });

  test('Ctrl-Z stops both, and fg goes on with both', async () => {
    shell.write(`${RUN} -- sh -c 'echo rea""dy; read line; echo "read $line"'\r`);
    await shell.shows('ready');
    shell.write('\u001a');
    await shell.next();
    shell.write('fg\r');
    await shell.shows('\n');
    shell.write('mine\r');
    await shell.shows('read mine\r\n');
    await shell.next();
  });

  test('the program has the terminal, but for what is masked', async () => {
    const show = `-- sh -c 'for fd in 0 1 2; do test -t $fd && echo "$fd is"; done'`;
    expect(await shell.run(`${RUN} ${show}`)).toBe('0 is\n1 is\n2 is\n');
    expect(await shell.run(`${RUN} --mask ${show}`)).toBe('0 is\n');
  });

  test('with --mask a question is seen before it is answered', async () => {
    shell.write(`${RUN} --mask -- sh -c 'printf "Go on, s%s " k-; read line; echo "$OPENAI_API_KEY $line"'\r`);
    await shell.shows('Go on, sk- ');
    shell.write('yes\r');
    await shell.shows('******** yes\r\n');
    await shell.next();
  });
});
