import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { describeUnless, testUnless } from '../../skip-without';
import { LocalProcess, temporaryHome } from '../local/local-process';
import { NO_TERMINAL, ShellOnTerminal } from './shell-on-terminal';
import { bareEnvironment } from './bare-environment';

/** The command at a terminal, started by a shell that goes on reading from it: with the program, a server, and Linux's own terminal. */

const { home, remove } = temporaryHome();
const canary = join(dirname(home), 'run-by-the-shell');
const COMMAND = `'${process.execPath}' '${join(ROOT, 'bin/keyward.cjs')}'`;
const COMMANDS_BEHIND = `touch '${canary}'\nid\n`;
const NO_SSH = spawnSync('ssh-keygen', ['-?']).error === undefined ? undefined : 'there is no ssh-keygen here';

const pem = (label: string, lines: number): string =>
  `-----BEGIN ${label}-----\n${`${'QUJD'.repeat(16)}\n`.repeat(lines)}-----END ${label}-----\n`;
const PEM = pem('PRIVATE KEY', 26);
const SERVICE_ACCOUNT = `${JSON.stringify({ type: 'service_account', private_key: PEM, client: 'a}"{' }, null, 2)}\n`;
const pasted = (text: string): string => text.replaceAll('\n', '\r');
const marked = (text: string): string => `\u001b[200~${text}\u001b[201~`;

let server: LocalProcess;
let shell: ShellOnTerminal;
let names = 0;

const environment = (): Record<string, string> => bareEnvironment({ home, url: server.url }, dirname(home));
const keyward = (...argv: string[]): Buffer =>
  execFileSync(process.execPath, [join(ROOT, 'bin/keyward.cjs'), ...argv], { cwd: dirname(home), env: environment() });
const reveal = (name: string): string => keyward('credential', 'reveal', 'openai', name).toString();
const nextName = (): string => `prompt-${(names += 1)}`;

/** No pasted text has reached the shell, and the terminal is unchanged. */
async function expectUntouchedShell(): Promise<void> {
  expect(await shell.run('stty -a')).toMatch(/ icanon[^]* echo /);
  expect(existsSync(canary)).toBe(false);
}

describeUnless(NO_TERMINAL, 'at a terminal', () => {
  beforeAll(async () => {
    server = await LocalProcess.start(home);
    // Compiled before a test waits for its question.
    keyward('--version');
    shell = await ShellOnTerminal.start(environment());
  });
  afterAll(async () => {
    await shell.end();
    await server.stop();
    remove();
  });

  const VALUES = [
    ['PEM', PEM],
    ['two PEM blocks', PEM + pem('CERTIFICATE', 12)],
    ['JSON', SERVICE_ACCOUNT],
    ['a key', `sk-example-${'x'.repeat(60)}\n`],
    ['the longest key', `${'k'.repeat(8_192)}\n`],
  ] as const;
  const WAYS = [
    ['at once', 1_000_000, (text: string) => text],
    ['marked, at once', 1_000_000, marked],
    ['in pieces of 256 bytes', 256, (text: string) => text],
    ['marked, in pieces of 61 bytes', 61, marked],
    ['in pieces of 7 bytes', 7, (text: string) => text],
    ['marked, in single bytes', 1, marked],
  ] as const;

  test.each(
    VALUES.flatMap(([what, value]) => WAYS.map(([way, size, form]) => [what, way, value, size, form] as const)),
  )('%s, pasted %s with commands behind it', async (_what, _way, value, size, form) => {
    const name = nextName();
    await shell.asks(`${COMMAND} credential put openai ${name}`);
    await shell.paste(form(pasted(value + COMMANDS_BEHIND)), size);
    const shown = await shell.next();
    expect(shown).toContain('keyward: dropped: ');
    expect(shown).toMatch(/revision +1\r\n/);
    for (const line of value.trim().split('\n')) if (line.length > 8) expect(shown).not.toContain(line);
    const isDocument = value.includes('\n-----') || value.startsWith('{');
    expect(reveal(name)).toBe(isDocument ? value : value.trimEnd());
    await expectUntouchedShell();
  });

  test('a paste that comes before the question is taken whole, too', async () => {
    const name = nextName();
    shell.write(`${COMMAND} credential put openai ${name}\r${pasted(PEM)}`);
    await shell.shows(/revision +1\r\n/);
    await shell.next();
    expect(reveal(name)).toBe(PEM);
    await expectUntouchedShell();
  });

  test('arrow keys and the like edit, and are no part of the key', async () => {
    const name = nextName();
    await shell.asks(`${COMMAND} credential put openai ${name}`);
    await shell.paste(
      'xk-exmple\u001b[D\u001bOD\u001b[D\u001b[Da\u0001\u001b[3~s\u001b[F-ky\u007fey wrong\u0017\u007f\r',
      1,
    );
    await shell.next();
    expect(reveal(name)).toBe('sk-example-key');
  });

  test('text of several lines goes on to Ctrl-D', async () => {
    await shell.asks(`${COMMAND} encrypt openai > '${home}-token'`);
    await shell.paste('one\rtwo\r', 3);
    shell.write('\u0004');
    expect(await shell.next()).toContain('read 2 lines, 8 characters');
    expect(await shell.run(`${COMMAND} decrypt openai < '${home}-token'`)).toBe('one\ntwo\n');
    await expectUntouchedShell();
  });

  test.each([
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-C in the middle of a key', 'sk-abc\u0003', 130],
    ['Ctrl-\\', '\u001c', 130],
    ['Ctrl-D alone', '\u0004', 2],
    ['Ctrl-Z', 'sk-abc\u001a', 2],
    ['a control character and commands behind it', pasted(`sk-\u0007abc\n${COMMANDS_BEHIND}`), 2],
  ])('%s stores nothing', async (_, typed, code) => {
    const name = nextName();
    await shell.asks(`${COMMAND} credential put openai ${name}`);
    shell.write(typed);
    expect(await shell.next()).toContain('nothing was sent');
    expect(await shell.run('echo "code $?"')).toBe(`code ${code}\n`);
    expect(() => keyward('credential', 'get', 'openai', name)).toThrow();
    await expectUntouchedShell();
  });

  test.each(['TERM', 'HUP', 'QUIT', 'INT'])('SIG%s leaves the terminal as it was', async (signal) => {
    // The shell's process id is the command's parent id.
    const parent = (await shell.run('echo $$')).trim();
    await shell.asks(`${COMMAND} credential put openai ${nextName()}`);
    shell.write('sk-abc');
    const child = execFileSync('ps', ['-o', 'pid=', '--ppid', parent]).toString().trim().split(/\s+/)[0] ?? '';
    process.kill(Number(child), `SIG${signal}` as NodeJS.Signals);
    expect(await shell.next()).toContain('\u001b[?2004l');
    await expectUntouchedShell();
  });

  test('it is stopped, and goes on with the terminal as it needs it', async () => {
    const parent = (await shell.run('echo $$')).trim();
    const name = nextName();
    await shell.asks(`${COMMAND} credential put openai ${name}`);
    shell.write('sk-example-');
    const child = execFileSync('ps', ['-o', 'pid=', '--ppid', parent]).toString().trim().split(/\s+/)[0] ?? '';
    process.kill(Number(child), 'SIGTSTP');
    await shell.next();
    await expectUntouchedShell();
    await shell.asks('fg');
    shell.write('continued\r');
    expect(await shell.next()).not.toContain('continued');
    expect(reveal(name)).toBe('sk-example-continued');
    await expectUntouchedShell();
  });

  test('a key that is there is replaced, and deleted, by those who say yes', async () => {
    const name = nextName();
    await shell.asks(`${COMMAND} credential put openai ${name}`);
    shell.write('sk-example-first\r');
    await shell.next();
    await shell.asks(`${COMMAND} credential put openai ${name}`, '[y/N] ');
    shell.write(pasted(PEM + COMMANDS_BEHIND));
    expect(await shell.next()).toContain('not confirmed; nothing was sent');
    await expectUntouchedShell();
    await shell.asks(`${COMMAND} credential put openai ${name}`, '[y/N] ');
    shell.write('y\r');
    await shell.shows(/not shown[^:]*: /);
    shell.write('sk-example-second\r');
    expect(await shell.next()).toMatch(/revision +2\r\n/);
    expect(reveal(name)).toBe('sk-example-second');
    await shell.asks(`${COMMAND} credential delete openai ${name}`, '[y/N] ');
    shell.write('\r');
    await shell.next();
    expect(reveal(name)).toBe('sk-example-second');
    await shell.asks(`${COMMAND} credential delete openai ${name}`, '[y/N] ');
    shell.write('yes\r');
    await shell.next();
    expect(() => reveal(name)).toThrow();
  });

  test('a key that is pasted at a question is not shown, neither by us nor by the terminal; what is erased is', async () => {
    const name = nextName();
    await shell.asks(`${COMMAND} credential put openai ${name}`);
    shell.write('sk-example-first\r');
    await shell.next();
    await shell.asks(`${COMMAND} credential put openai ${name}`, '[y/N] ');
    await shell.paste('sk-example-shown', 1, 5);
    await shell.shows('*'.repeat(16));
    shell.write('\r');
    const shown = await shell.next();
    expect(shown).toContain('not confirmed; nothing was sent');
    expect(shown).not.toMatch(/example|shown/);
    await shell.asks(`${COMMAND} credential put openai ${name}`, '[y/N] ');
    await shell.paste(marked('sk-example-shown'), 1_000);
    await shell.shows('*'.repeat(16));
    shell.write(`${'\u007f'.repeat(16)}y`);
    expect(await shell.shows(/y$/)).not.toMatch(/example|shown/);
    shell.write('\r');
    await shell.shows(/not shown[^:]*: /);
    shell.write('sk-example-second\r');
    expect(await shell.next()).toMatch(/revision +2\r\n/);
    expect(reveal(name)).toBe('sk-example-second');
    await expectUntouchedShell();
  });

  test('a command that nothing more can come to has not done what it was asked, and does not end with 0', async () => {
    const mute = join(dirname(home), 'mute.cjs');
    // What is read from has nothing, does not end, and keeps no process alive, as a terminal that nobody hears.
    writeFileSync(
      mute,
      `const { Readable } = require('node:stream');
Object.defineProperty(process, 'stdin', { value: new Readable({ read() {} }) });
`,
    );
    const name = nextName();
    const shown = await shell.run(
      `NODE_OPTIONS='--require="${mute}"' ${COMMAND} credential put openai ${name} --yes; echo "code $?"`,
    );
    expect(shown).toBe('code 1\n');
    expect(() => keyward('credential', 'get', 'openai', name)).toThrow();
    await expectUntouchedShell();
  });

  testUnless(
    NO_SSH,
    'OpenSSH takes a private key that was encrypted and decrypted, by a pipe and by a paste',
    async () => {
      const file = join(dirname(home), 'id_ed25519');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
      const original = readFileSync(file);
      const piped = `${COMMAND} encrypt openai < '${file}' | ${COMMAND} decrypt openai > '${file}-piped'`;
      await shell.run(piped);
      await shell.asks(`${COMMAND} encrypt openai > '${file}-token'`);
      shell.write(pasted(original.toString()));
      await shell.next();
      await shell.run(`${COMMAND} decrypt openai < '${file}-token' > '${file}-pasted'`);
      for (const copy of [`${file}-piped`, `${file}-pasted`]) {
        expect(readFileSync(copy)).toEqual(original);
        chmodSync(copy, 0o600);
        expect(execFileSync('ssh-keygen', ['-y', '-f', copy])).toEqual(execFileSync('ssh-keygen', ['-y', '-f', file]));
      }
    },
  );
});
