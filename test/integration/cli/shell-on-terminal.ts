import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../until';

/** Relays between its own pipes and a new terminal on which the program runs that its arguments name. */
const RELAY = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';

/** Node has no terminals to offer; Python's standard library has. Undefined where there is what is needed. */
export const NO_TERMINAL =
  spawnSync('python3', ['-c', 'import pty']).status === 0
    ? undefined
    : 'a terminal is opened by python3, which is not here';

const PROMPT = 'next> ';
/** A python3 that is found by a script in bash has lost the variable of the prompt. */
const SHELL = `PS1='${PROMPT}' exec sh -i`;

/** A shell on a separate terminal, as a user has one. */
export class ShellOnTerminal {
  private output = '';
  private seen = 0;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('utf8');
    });
  }

  static async start(env: Readonly<Record<string, string>>): Promise<ShellOnTerminal> {
    const child = spawn('python3', ['-c', RELAY, 'sh', '-c', SHELL], {
      env: { ...env, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const shell = new ShellOnTerminal(child);
    await shell.shows(PROMPT);
    return shell;
  }

  /** Waits for a text that has not been waited for yet, and returns the output up to its end. */
  async shows(text: string | RegExp): Promise<string> {
    const end = await until(
      `the terminal shows ${String(text)}`,
      () => this.endOf(text),
      (at) => at > 0,
    );
    const shown = this.output.slice(this.seen, end);
    this.seen = end;
    return shown;
  }

  /** Types a command line, and waits until its question is on the screen. */
  async asks(line: string, question: string | RegExp = /not shown[^:]*: /): Promise<void> {
    this.write(`${line}\r`);
    await this.shows('\n');
    await this.shows(question);
  }

  write(text: string | Buffer): void {
    this.child.stdin?.write(text);
  }

  /** Writes in pieces, each of which the terminal has as one. */
  async paste(text: string | Buffer, size: number, pause = 0): Promise<void> {
    const bytes = Buffer.from(text as string);
    for (let at = 0; at < bytes.length; at += size) {
      this.write(bytes.subarray(at, at + size));
      await (pause > 0 ? delay(pause) : new Promise(setImmediate));
    }
  }

  /** Returns the output until the shell's next prompt. */
  next(): Promise<string> {
    return this.shows(PROMPT);
  }

  /** Runs a command line and returns its output. */
  async run(line: string): Promise<string> {
    this.write(`${line}\r`);
    await this.shows('\n');
    return (await this.next()).slice(0, -PROMPT.length).replaceAll('\r\n', '\n');
  }

  async end(): Promise<void> {
    const closed = once(this.child, 'close');
    this.write('exit\r');
    await closed;
  }

  private endOf(text: string | RegExp): number {
    const rest = this.output.slice(this.seen);
    if (typeof text === 'string') return rest.includes(text) ? this.seen + rest.indexOf(text) + text.length : 0;
    const found = text.exec(rest);
    return found === null ? 0 : this.seen + found.index + found[0].length;
  }
}
