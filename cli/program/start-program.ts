import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { CliError, EXIT, usageError } from '../io/cli-error';
import { DescriptorOutput } from '../io/descriptor-output';
import type { ProcessSignals } from '../io/process-signals';
import { systemCode } from '../io/system-code';
import type { Waiting } from '../io/waiting';
import { isForegroundNow } from './foreground';
import type { ProgramEnd } from './program-end';
import { maskOutput } from './program-output';

/** A program with its arguments and environment. */
export interface ProgramOrder {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Texts to mask in its output. Left out: it inherits stdout and stderr, as a terminal needs. */
  readonly hidden?: readonly Uint8Array[];
}

interface Surroundings {
  readonly signals: ProcessSignals;
  readonly waiting: Pick<Waiting, 'pause'>;
}

/** Signals that a terminal sends to its whole foreground group: the program gets them directly. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT', 'SIGWINCH'] as const;
const OTHERS = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Starts a program, without a shell, passes signals on to it, and waits for its end and that of its output. It inherits stdin,
 * the directory, and open descriptors that its arguments name, such as those of a shell's `<(…)`.
 *
 * @throws CliError if it cannot be started, or its output cannot be written
 */
export async function startProgram(order: ProgramOrder, { signals, waiting }: Surroundings): Promise<ProgramEnd> {
  const { hidden } = order;
  let child: ChildProcess | undefined;
  const stop = new AbortController();
  const takeOff = [...FROM_TERMINAL, ...OTHERS].map((signal) =>
    signals.deps(signal, () => {
      const hasIt = FROM_TERMINAL.some((each) => each === signal) && isForegroundNow();
      if (!hasIt) child?.kill(signal);
    }),
  );
  try {
    child = spawned(order);
    const ended = endOf(child);
    // A program that did not start has no output; while it runs, a failure of its output does not end the wait for it.
    const output =
      hidden === undefined
        ? []
        : outputOf(child).map(([from, to]) => maskOutput(from, to, { hidden, waiting, signal: stop.signal }));
    const written = Promise.allSettled(output);
    const end = await ended;
    for (const off of takeOff.splice(0)) off();
    // Its own child processes may still write, until Ctrl-C; the other signals end this process as usual.
    takeOff.push(
      signals.deps('SIGINT', () => {
        stop.abort();
      }),
    );
    for (const one of await written) if (one.status === 'rejected') throw one.reason;
    return end;
  } finally {
    for (const off of takeOff) off();
  }
}

function spawned({ argv: [file = '', ...args], env, hidden }: ProgramOrder): ChildProcess {
  if (file === '') throw usageError('run: the name of the program is empty');
  const output = hidden === undefined ? 'inherit' : 'pipe';
  const stdio: StdioOptions = ['inherit', output, output, ...openedFor(args)];
  try {
    return spawn(file, args, { env, stdio, shell: false });
  } catch (thrown) {
    throw notStarted(thrown);
  }
}

/** Returns the descriptors that a shell has opened for a program's arguments: Node passes on only descriptors that are named. */
function openedFor(args: readonly string[]): ('inherit' | 'ignore')[] {
  const named = new Set(args.flatMap((each) => [...each.matchAll(OPENED)].map(([, number]) => Number(number))));
  const open = [...named].filter((descriptor) => descriptor >= FIRST_OTHER && isOpen(descriptor));
  return Array.from({ length: Math.max(0, ...open.map((last) => last - FIRST_OTHER + 1)) }, (_, index) =>
    open.includes(index + FIRST_OTHER) ? 'inherit' : 'ignore',
  );
}

const FIRST_OTHER = 3;
const OPENED = /\/(?:dev|proc\/self)\/fd\/([0-9]{1,4})(?![0-9])/g;

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

/** The program's output streams, and their destinations. */
const outputOf = ({ stdout, stderr }: ChildProcess) =>
  [
    [stdout, 1],
    [stderr, 2],
  ].flatMap(([from, descriptor]) =>
    from === null || typeof from !== 'object' ? [] : [[from, new DescriptorOutput(descriptor as number)] as const],
  );

const endOf = (child: ChildProcess): Promise<ProgramEnd> =>
  new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => {
      resolve(signal === null ? { code: code ?? EXIT.unexpected } : { signal });
    });
    // Also emitted if a signal may not be sent to the program, such as sudo, which still runs.
    child.on('error', (thrown) => {
      if (child.pid === undefined) reject(notStarted(thrown));
    });
  });

/** Uses only the operating system's error code: Node's message repeats the command line. */
function notStarted(thrown: unknown): CliError {
  const code = systemCode(thrown);
  if (code === 'ENOENT') {
    const detail = 'the program, or the interpreter that its first line names, is not in PATH or at its path';
    return new CliError(EXIT.programNotFound, 'program_not_found', detail);
  }
  const detail =
    code === 'E2BIG' ? 'its arguments and variables are too long together' : `the system refuses it (${code})`;
  return new CliError(EXIT.cannotStart, 'not_started', `the program could not be started: ${detail}`);
}
