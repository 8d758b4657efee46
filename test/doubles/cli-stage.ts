import { PassThrough, Writable } from 'node:stream';
import type { ApiCall } from '../../cli/client/api-call';
import { Session, type ApiClient } from '../../cli/session';
import { until } from '../until';
import type { ProcessSignals } from '../../cli/io/process-signals';
import type { Waiting } from '../../cli/io/waiting';
import type { JsonObject } from '../../cli/client/json-object';

/** Time that passes in pauses only, and a Ctrl-C that a test sends. */
export class StagedTime implements Waiting {
  readonly pauses: number[] = [];
  /** Called in each pause, before its end. */
  duringPause: () => void = () => undefined;
  private time = 1_000_000;
  private listener: (() => void) | undefined;

  now = (): number => this.time;

  wallClock = (): number => Date.parse('2026-11-21T12:00:00Z') + this.time;

  pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.pauses.push(ms);
    this.time += ms;
    // Lets other work run, as a real pause does.
    await new Promise(setImmediate);
    this.duringPause();
    signal.throwIfAborted();
  };

  onInterrupt = (listener: () => void): (() => void) => {
    this.listener = listener;
    return () => {
      this.listener = undefined;
    };
  };

  interrupt(): void {
    this.listener?.();
  }

  /** Whether anything listens to Ctrl-C. */
  get isListened(): boolean {
    return this.listener !== undefined;
  }
}

/** Signals that a test sends. */
export class StagedSignals implements ProcessSignals {
  readonly raised: NodeJS.Signals[] = [];
  private readonly listeners = new Map<string, () => void>();

  deps = (signal: NodeJS.Signals, listener: () => void): (() => void) => {
    this.listeners.set(signal, listener);
    return () => this.listeners.delete(signal);
  };

  onExit = (listener: () => void): (() => void) => {
    this.listeners.set('exit', listener);
    return () => this.listeners.delete('exit');
  };

  raise = (signal: NodeJS.Signals): void => {
    this.raised.push(signal);
  };

  send(signal: NodeJS.Signals | 'exit'): void {
    this.listeners.get(signal)?.();
  }

  /** The signals with a listener. */
  get heard(): readonly string[] {
    return [...this.listeners.keys()];
  }
}

/** A stream that records what is written to it. */
export class Sink extends Writable {
  text = '';

  constructor(
    readonly isTTY = false,
    readonly columns = 80,
  ) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

type Answer = JsonObject | Error;

/** A stage for one command: the replies of the service in order, and a terminal with a user. */
export class CliStage {
  readonly time = new StagedTime();
  readonly signals = new StagedSignals();
  readonly rawModes: boolean[] = [];
  readonly calls: ApiCall[] = [];
  readonly stdin: PassThrough & { isTTY?: boolean; setRawMode: (raw: boolean) => void };
  readonly stdout = new Sink();
  readonly stderr: Sink;
  readonly session: Session;
  /** The number of look-ups of credentials. */
  connections = 0;
  private readonly controller = new AbortController();

  /**
   * @param replies each is a reply, an error to throw, or a function that returns one
   */
  constructor(
    replies: readonly (JsonObject | Error)[] | ((call: ApiCall) => Answer | Promise<Answer>),
    { isTerminal = false, json = false, columns = 80, env = {} } = {},
  ) {
    this.stdin = Object.assign(new PassThrough(), {
      isTTY: isTerminal,
      setRawMode: (raw: boolean) => this.rawModes.push(raw),
    });
    this.stderr = new Sink(isTerminal, columns);
    this.time.onInterrupt(() => {
      this.controller.abort();
    });
    const answer = typeof replies === 'function' ? replies : inTurn(replies);
    const client: ApiClient = {
      send: async (call) => {
        this.calls.push(call);
        const reply = await answer(call);
        if (reply instanceof Error) throw reply;
        return reply;
      },
    };
    const { time, signals, stdin, stdout, stderr, controller } = this;
    const connect = async (): Promise<ApiClient> => {
      this.connections += 1;
      return client;
    };
    this.session = new Session({
      connect,
      waiting: time,
      signals,
      signal: controller.signal,
      stdin,
      stdout,
      stderr,
      env,
      json,
    });
  }

  /** Types once a question is on the screen, unless the command ends without one; returns the command's result. */
  async typeAtQuestion<T>(asking: Promise<T>, text: string): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    asking.then(over, over);
    await until('a question stands on the screen', () => isOver || /[:\]] $/.test(this.stderr.text));
    this.stdin.write(text);
    return asking;
  }
}

const inTurn = (replies: readonly (JsonObject | Error)[]) => {
  const left = [...replies];
  return (): JsonObject | Error => left.shift() ?? new Error('one call more than the test expects');
};

export const ROTATION_ID = '0193abcdef01'.padEnd(32, '0');

/** A rotation in a reply of the API. */
export const dekRotationReply = ({
  counts = {},
  ...members
}: { counts?: JsonObject } & JsonObject = {}): JsonObject => ({
  rotation_id: ROTATION_ID,
  provider: 'openai',
  status: 'publishing',
  version: 2,
  from_version: 1,
  emergency: false,
  reason: null,
  started_by: 'arn:aws:iam::000000000000:user/operator',
  started_at: '2026-11-21T00:00:00.000Z',
  promoted_at: null,
  grace_until: null,
  ended_at: null,
  regions: [
    { region: 'us-east-1', proved_at: null, acknowledged_at: null },
    { region: 'eu-west-1', proved_at: null, acknowledged_at: null },
  ],
  unproved_regions: [],
  counts: { total: 0, moved: 0, skipped: 0, failed: 0, shards: 16, shards_begun: 16, shards_verified: 0, ...counts },
  moved_per_second: null,
  estimated_seconds_left: null,
  failures: [],
  ...members,
});
