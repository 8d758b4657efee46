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
/** The first callers have been served by then. */
const FIRST_SWEEP_MS = 5_000;
/** Interval at which the clock is read: a machine that slept, or whose clock was set, is noticed. */
const LOOK_MS = 1_000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;
/** The worker pauses this many times as long as a page took, because callers have priority on process and database. */
export const REST_FACTOR = 3;
const LONGEST_REST_MS = 100;
/** Maximum wait of `close` for the current page, which is then stopped as by a crash. */
const CLOSE_MS = 10_000;

/**
 * The rotation queue of one process, and its worker: one page of one shard at a time, so that callers keep their latency.
 * Failures are retried at growing intervals. The queue is in memory: the next start queues unfinished work again. The hourly
 * sweep also runs here. Its timers do not keep the process alive.
 */
export class DekRotationWorker implements DekRotationQueue {
  /** Jobs by message: a waiting message is not queued twice. */
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
   * Starts serving, and sweeps a little later.
   *
   * @param work sends its messages to this queue
   */
  start(work: Pick<DekRotationWork, 'serveMessage' | 'sweep'>): void {
    this.work = work;
    this.put(SWEEP, { message: undefined, at: this.deps.clock.now() + FIRST_SWEEP_MS, failures: 0 });
    this.wake();
  }

  /** Starts nothing more, and waits for the current page, for at most 10 seconds. */
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

  /** No job waits longer than a sweep: a longer wait means that the clock was set back. */
  private dueAt({ at }: Job): number {
    const now = this.deps.clock.now();
    return at - now > SWEEP_INTERVAL_MS ? now : at;
  }

  private async run(key: string, job: Job): Promise<void> {
    const { clock, logger } = this.deps;
    const { message } = job;
    try {
      // A past deadline stops a shard after one page, so that the others have their turn.
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
