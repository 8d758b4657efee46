import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { interrupted, usageError } from './cli-error';
import type { ProcessSignals } from './process-signals';
import type { Waiting } from './waiting';

/** `process.stdin`, or a double of it. */
export type SecretInput = Readable & { readonly isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };

/** Whether it is a terminal. */
export const isKeyboard = ({ isTTY, setRawMode }: SecretInput): boolean => isTTY === true && setRawMode !== undefined;

/** What a question on a terminal needs. */
export interface TerminalParts {
  readonly stdin: SecretInput;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly waiting: Waiting;
  readonly signals: ProcessSignals;
  /** Aborts the question. */
  readonly signal?: AbortSignal;
}

/** Input of the terminal: bytes, none within the time, or the end. */
type Arrival = Uint8Array | 'quiet' | 'closed';

/** A terminal in raw mode, without echo. */
export interface RawTerminal {
  /** Input from before the question, which the terminal has echoed. */
  readonly typedAhead: Uint8Array;
  /** Asks. From now on a bracketed paste comes with its marks. */
  ask(question: string): void;
  /**
   * What comes next.
   *
   * @param within milliseconds
   * @throws CliError `interrupted`
   */
  read(within?: number): Promise<Arrival>;
}

/** The longest pause within a paste. In milliseconds. */
export const SETTLE_MS = 200;

const PASTES_MARKED = '\u001b[?2004h';
const PASTES_UNMARKED = '\u001b[?2004l';

/** Signals that by default end a process. */
const FATAL = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Puts a terminal into raw mode, without echo, while the work runs. However the work ends, also by a signal, the terminal gets its
 * earlier mode back, and it has that mode while the process is stopped.
 *
 * @throws CliError `interrupted`, or that the terminal is gone; and what the work throws
 */
export async function onRawTerminal<T>(parts: TerminalParts, work: (terminal: RawTerminal) => Promise<T>): Promise<T> {
  const { stdin, signals, signal } = parts;
  const arrivals = new Arrivals(stdin, parts.waiting);
  const mode = new RawMode(parts);
  const given: (() => void)[] = [
    ...FATAL.map((name) =>
      signals.deps(name, () => {
        release();
        signals.raise(name);
      }),
    ),
    signals.deps('SIGINT', () => {
      arrivals.interrupt();
    }),
    signals.deps('SIGTSTP', () => {
      mode.leave();
      signals.raise('SIGSTOP');
    }),
    signals.deps('SIGCONT', () => {
      mode.enterAgain();
    }),
    signals.onExit(() => {
      mode.leave();
    }),
  ];
  const stop = (): void => {
    arrivals.interrupt();
  };
  const release = (): void => {
    mode.leave();
    signal?.removeEventListener('abort', stop);
    arrivals.close();
    for (const takeOff of given.splice(0)) takeOff();
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    mode.enter();
    const typedAhead = await arrivals.soFar();
    return await work({
      typedAhead,
      ask: (question) => {
        mode.ask(question);
      },
      read: (within) => arrivals.next(within),
    });
  } finally {
    release();
  }
}

/** The terminal's modes, and what has been asked. */
class RawMode {
  private isRaw = false;
  private question: string | undefined;

  constructor(private readonly parts: TerminalParts) {}

  /** @throws CliError if the terminal is gone */
  enter(): void {
    try {
      this.parts.stdin.setRawMode?.(true);
    } catch {
      throw closed();
    }
    this.isRaw = true;
  }

  ask(question: string): void {
    this.question = question;
    this.parts.stderr.write(`${this.canMark ? PASTES_MARKED : ''}${question}`);
  }

  leave(): void {
    if (!this.isRaw) return;
    this.isRaw = false;
    if (this.question !== undefined && this.canMark) this.parts.stderr.write(PASTES_UNMARKED);
    try {
      this.parts.stdin.setRawMode?.(false);
    } catch {
      // The terminal is gone and needs no reset.
    }
  }

  /** After a stop: another process has changed the mode meanwhile. */
  enterAgain(): void {
    this.leave();
    this.enter();
    if (this.question !== undefined) this.ask(`\n${this.question}`);
  }

  private get canMark(): boolean {
    return this.parts.stderr.isTTY === true && this.parts.env['TERM'] !== 'dumb';
  }
}

/** Unread input of a stream. */
class Arrivals {
  private readonly chunks: Uint8Array[] = [];
  private isClosed = false;
  private isInterrupted = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly input: Readable,
    private readonly waiting: Waiting,
  ) {
    input.on('data', this.take).on('end', this.end).on('close', this.end).on('error', this.end);
    this.isClosed = input.readableEnded || input.destroyed;
    // An earlier question has paused it, and a listener alone does not resume it.
    input.resume();
  }

  close(): void {
    this.input.off('data', this.take).off('end', this.end).off('close', this.end);
    // A late error concerns nobody.
    this.input.pause();
  }

  interrupt(): void {
    this.isInterrupted = true;
    this.wake();
  }

  /** Input from before the question. */
  async soFar(): Promise<Uint8Array> {
    await turns();
    return Buffer.concat(this.chunks.splice(0));
  }

  async next(within: number | undefined): Promise<Arrival> {
    if (!this.hasSomething && within === undefined) await this.something();
    else if (!this.hasSomething && within !== undefined) await this.somethingWithin(within);
    if (this.isInterrupted) throw interrupted('nothing was sent');
    const chunk = this.chunks.shift();
    if (chunk !== undefined) return chunk;
    return this.isClosed ? 'closed' : 'quiet';
  }

  private get hasSomething(): boolean {
    return this.chunks.length > 0 || this.isClosed || this.isInterrupted;
  }

  private something(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private async somethingWithin(ms: number): Promise<void> {
    const pause = new AbortController();
    const over = this.waiting.pause(ms, pause.signal).catch(() => undefined);
    await Promise.race([this.something(), over]);
    pause.abort();
    // A process that was stopped finds the time over before it finds its input.
    await turns();
  }

  private readonly take = (chunk: Uint8Array | string): void => {
    this.chunks.push(Buffer.from(chunk as Uint8Array));
    this.wake();
  };

  private readonly end = (): void => {
    this.isClosed = true;
    this.wake();
  };
}

/** Time to read existing input: one turn of the event loop to begin, one to receive it. */
async function turns(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** The terminal is gone. */
export const closed = (): Error => usageError('the terminal was closed; nothing was sent');
