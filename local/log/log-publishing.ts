import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lambdas/core/contract/time-units';
import { toErrorName } from '../../lambdas/core/errors/error-names';
import { KeywardError } from '../../lambdas/core/errors/errors';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import type { Checked } from '../../lambdas/core/transparency/log-fault';
import type { LogPublisher } from '../../lambdas/core/transparency/ports/log-publisher';
import type { Published } from '../../lambdas/core/transparency/publish';
import type { JournalView } from '../journal/journal-view';
import { parseSegmentFile, segmentFile } from '../journal/segment-name';
import type { LogCalls } from './log-worker';
import { ThreadFailure } from '../threads/asked-thread';

export interface LogPublishingOptions {
  readonly calls: Pick<LogCalls, 'publish'>;
  /** What of the journal may be read now. */
  readonly view: () => JournalView;
  /** Throws if the data directory is not where it was opened: nothing is written to another one. */
  readonly assertStored: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** The first callers have been served by then. */
const FIRST_MS = 10 * SECOND_MS;
/** Interval at which the clock is read: a machine that slept, or whose clock was set, is noticed. */
const LOOK_MS = SECOND_MS;
const AGAIN_AFTER_FAILURE_MS = 5 * MINUTE_MS;
/** A caller who asks for it waits this long; API Gateway's limit is not far. */
const PATIENCE_MS = 15 * SECOND_MS;

const NOT_PUBLISHED =
  'the transparency log was not published, because what is stored is not what the publisher wrote: keep a copy of the data directory as it is, and restore log/ from a backup; segments of the audit journal are kept meanwhile';
const NOT_USABLE =
  'the transparency log was not published, because its directory or its keys cannot be used: put log/ back as it was, from a backup, with its key files of mode 0600 (README.md); segments of the audit journal are kept meanwhile';
const FAILED =
  'the transparency log could not be published, which is tried again in a few minutes; segments of the audit journal are kept meanwhile';

/**
 * Publishes the transparency log of a data directory: soon after the start, when the events of an older data directory are taken
 * over, every hour, and when asked. Its timers do not keep the process alive.
 */
export class LogPublishing implements LogPublisher {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<Checked<Published>> | undefined;
  private next: Promise<Checked<Published>> | undefined;
  private dueAt = 0;
  private hadTakenOver = false;
  private isClosed = false;
  private expired = '';
  /** By a caller, since the last run began. */
  private isHandOverAsked = false;
  /** What was published at the last success; undefined: nothing is known yet. */
  private published: JournalView | undefined;

  constructor(private readonly options: LogPublishingOptions) {}

  start(): void {
    this.dueAt = this.options.clock.now() + FIRST_MS;
    this.hadTakenOver = this.options.view().hasTakenOver;
    this.schedule();
  }

  /** Starts nothing more. A run that is under way may be ended at any moment. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  /**
   * Whether all events of a segment are in the log, by the last run that succeeded. Before the first one, nothing is known and the
   * answer is no. Segments that the journal only begins later are not.
   */
  isPublished(segment: string): boolean {
    const { published } = this;
    if (published === undefined) return false;
    if (parseSegmentFile(segmentFile(segment))?.part === 0)
      return published.hasTakenOver && published.end !== undefined;
    return published.end !== undefined && segment < published.end.segment;
  }

  /** Lets the next run remove what the log keeps of events from before a time, in ISO 8601, once it is published. */
  expireBefore(time: string): void {
    this.expired = time;
  }

  async publish(
    region: string,
    { handOver = false }: { readonly handOver?: boolean } = {},
  ): Promise<Checked<Published> | undefined> {
    if (region !== LOCAL_REGION) throw new KeywardError('store_unavailable', 'this process has no log of that region');
    this.isHandOverAsked ||= handOver;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, undefined);
    });
    try {
      return await Promise.race([this.run(), patience]);
    } catch {
      throw new KeywardError('store_unavailable', 'the transparency log could not be published; try again');
    } finally {
      clearTimeout(timer);
    }
  }

  /** A run that began before does not cover what was written since: who asks meanwhile shares the one after it. */
  private run(): Promise<Checked<Published>> {
    if (this.running === undefined) return this.begin();
    this.next ??= this.running
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        this.next = undefined;
        return this.begin();
      });
    return this.next;
  }

  private begin(): Promise<Checked<Published>> {
    this.running = this.runNow().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async runNow(): Promise<Checked<Published>> {
    const { calls, view, assertStored, clock, logger } = this.options;
    const covered = view();
    const handOver = this.isHandOverAsked;
    this.isHandOverAsked = false;
    this.dueAt = clock.now() + HOUR_MS;
    try {
      assertStored();
      const result = await calls.publish(covered, this.expired, handOver);
      if (result.fault === undefined) this.published = covered;
      else
        this.count(() => {
          logger.error(NOT_PUBLISHED, { reason: result.fault });
        });
      return result;
    } catch (thrown) {
      this.dueAt = clock.now() + AGAIN_AFTER_FAILURE_MS;
      if (!this.isClosed)
        this.count(() => {
          this.log(thrown);
        });
      throw thrown;
    }
  }

  private log(thrown: unknown): void {
    const { logger } = this.options;
    if (thrown instanceof ThreadFailure && thrown.sentence !== undefined) logger.error(NOT_USABLE);
    else {
      const name = thrown instanceof ThreadFailure ? thrown.code : 'unknown';
      logger.error(FAILED, { error_name: toErrorName(name) });
    }
  }

  private count(tell: () => void): void {
    this.options.metrics.count('publish_failed');
    tell();
  }

  private schedule(): void {
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      this.runIfDue();
      this.schedule();
    }, LOOK_MS);
    this.timer.unref();
  }

  private runIfDue(): void {
    const now = this.options.clock.now();
    const { hasTakenOver } = this.options.view();
    const isCaughtUp = hasTakenOver && !this.hadTakenOver;
    this.hadTakenOver = hasTakenOver;
    // A longer wait than an hour means that the clock was set back.
    const isDue = now >= this.dueAt || this.dueAt - now > HOUR_MS;
    // A failure was logged and counted.
    if (isCaughtUp || (isDue && this.running === undefined)) this.run().catch(() => undefined);
  }
}
