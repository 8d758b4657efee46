import type { Clock } from '../lambdas/core/ports/clock';
import { SWEEP_INTERVAL_MS } from '../lambdas/core/contract/function-times';
import { failureFields } from '../lambdas/core/ports/failure-fields';
import type { Logger } from '../lambdas/core/ports/logger';
import type { DekRotationMessage, DekRotationQueue } from '../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { DekRotationWork } from '../lambdas/core/dek-rotation/create-dek-rotations';

interface Job {
  /** Undefined: the hourly sweep. */
  readonly message: DekRotationMessage | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly failures: number;
}

const SWEEP = 'sweep';
/** By then the first callers have been served. */
const FIRST_SWEEP_MS = 5_000;
/** So often it looks at the clock again: a machine that slept, or was set to another time, is noticed. */
const LOOK_MS = 1_000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;
/** After each page it rests so many times as long as the page took, because process and database are the callers'. */
export const REST_FACTOR = 3;
const LONGEST_REST_MS = 100;
/** Whoever closes waits no longer for what is under way; it is stopped as a crash would stop it. */
const CLOSE_MS = 10_000;

/**
 * The rotation queue of one process, and the worker that serves it: one page of one shard at a time, so that callers keep
 * their latency. What fails comes again, ever later. The queue is in memory: what a rotation still needs is asked for again
 * at the next start. The hourly sweep takes its turn here too. Timers keep no process alive.
 */
export class DekRotationWorker implements DekRotationQueue {
  /** By what they say: a message that is waiting already is not put twice. */
  private readonly jobs = new Map<string, Job>();
  private work: Pick<DekRotationWork, 'serveMessage' | 'sweep'> | undefined;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private restMs = 0;
  private closed = false;

  constructor(private readonly deps: { readonly clock: Clock; readonly logger: Logger }) {}

  send(messages: readonly DekRotationMessage[], delaySeconds: number): Promise<void> {
    const at = this.deps.clock.now() + delaySeconds * 1000;
    for (const message of messages) this.put(JSON.stringify(message), { message, at, failures: 0 });
    this.wake();
    return Promise.resolve();
  }

  /**
   * Begins to serve, and sweeps a little later.
   *
   * @param work which sends its messages to this queue
   */
  start(work: Pick<DekRotationWork, 'serveMessage' | 'sweep'>): void {
    this.work = work;
    this.put(SWEEP, { message: undefined, at: this.deps.clock.now() + FIRST_SWEEP_MS, failures: 0 });
    this.wake();
  }

  /** Begins nothing more, and waits for the page that is under way, for at most 10 seconds. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    if (this.running === undefined) return;
    let limit: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.running, patience]);
    clearTimeout(limit);
  }

  private put(key: string, job: Job): void {
    const waiting = this.jobs.get(key);
    if (waiting === undefined || job.at < waiting.at) this.jobs.set(key, job);
  }

  private wake(): void {
    clearTimeout(this.timer);
    const next = this.earliest();
    if (this.closed || this.work === undefined || this.running !== undefined || next === undefined) return;
    const wait = Math.max(this.restMs, Math.min(this.dueAt(next.job) - this.deps.clock.now(), LOOK_MS));
    this.timer = setTimeout(() => {
      this.runDue();
    }, wait);
    this.timer.unref();
  }

  private runDue(): void {
    const next = this.earliest();
    if (next !== undefined && this.dueAt(next.job) <= this.deps.clock.now()) {
      this.jobs.delete(next.key);
      const startedAt = this.deps.clock.now();
      this.running = this.run(next.key, next.job).finally(() => {
        this.running = undefined;
        const took = this.deps.clock.now() - startedAt;
        this.restMs = Math.max(0, Math.min(LONGEST_REST_MS, REST_FACTOR * took));
        this.wake();
      });
    } else this.wake();
  }

  /** Nothing waits longer than a sweep: what seems to was put before the clock was set back. */
  private dueAt({ at }: Job): number {
    const now = this.deps.clock.now();
    return at - now > SWEEP_INTERVAL_MS ? now : at;
  }

  private async run(key: string, job: Job): Promise<void> {
    const { clock, logger } = this.deps;
    const { message } = job;
    try {
      // A deadline that has passed stops a shard after one page, and the others have their turn.
      if (message === undefined) await this.work?.sweep();
      else await this.work?.serveMessage(message, clock.now());
      if (message === undefined) this.put(key, { message, at: clock.now() + SWEEP_INTERVAL_MS, failures: 0 });
    } catch (thrown) {
      const fields =
        message === undefined ? { operation: SWEEP } : { operation: message.kind, provider: message.provider };
      logger.error('a step of a rotation failed, and is retried', { ...fields, ...failureFields(thrown) });
      const pause = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** job.failures);
      this.put(key, { message, at: clock.now() + pause, failures: job.failures + 1 });
    }
  }

  private earliest(): { readonly key: string; readonly job: Job } | undefined {
    let found: { readonly key: string; readonly job: Job } | undefined;
    for (const [key, job] of this.jobs) {
      if (found === undefined || this.dueAt(job) < this.dueAt(found.job)) found = { key, job };
    }
    return found;
  }
}
