import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lambdas/core/contract/time-units';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import { toErrorName } from '../../lambdas/core/errors/error-names';
import { storageFailureOf } from '../database/storage-failure';
import { expireSegments, type ExpireSegmentsOptions } from './expire-segments';
import { expiryLimit } from './expiry-limit';
import { parseSegmentFile, timeOfHour } from './segment-name';

export interface JournalExpiryOptions extends Pick<ExpireSegmentsOptions, 'files' | 'greatestTime' | 'isPublished'> {
  readonly tell: () => { readonly segment: string } | undefined;
  /** Told the time before which events have expired, in ISO 8601, for what is kept of them beside the segments. */
  readonly onExpired: (before: string) => void;
  /** Minimum number of days that an event is kept. */
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const KEPT =
  'segments of the audit journal are kept though their retention is over, because the transparency log does not have their events yet; the disk fills until it is published';

/** The first callers have been served by then. */
const FIRST_MS = MINUTE_MS;

/** Deletes expired segments, every hour. Its timers do not keep the process alive. */
export class JournalExpiry {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly options: JournalExpiryOptions) {}

  start(): void {
    this.schedule(FIRST_MS);
  }

  /** Starts nothing more, and waits for a running expiry. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Deletes expired segments now. A failure is logged and retried in an hour. Never rejects. */
  async run(): Promise<void> {
    const { tell, onExpired, retentionDays, clock, logger, ...rest } = this.options;
    try {
      const now = clock.now();
      const before = expiryLimit({ times: await this.timesOfWriting(now), now, retentionMs: retentionDays * DAY_MS });
      const count = await expireSegments({
        ...rest,
        before,
        newest: tell()?.segment,
        onKept: (kept) => {
          logger.warn(KEPT, { count: kept });
        },
      });
      onExpired(new Date(before).toISOString());
      if (count > 0)
        logger.info('segments of the audit journal were deleted, because their retention is over', { count });
    } catch (thrown) {
      const fields = { error_name: toErrorName(storageFailureOf(thrown)) };
      logger.warn('segments of the audit journal could not be deleted; it is tried again in an hour', fields);
    }
  }

  /** A segment that was begun while the clock was ahead counts with its newest event. */
  private async timesOfWriting(now: number): Promise<readonly number[]> {
    const { files, greatestTime } = this.options;
    const times: number[] = [];
    for (const file of await files.list()) {
      const name = parseSegmentFile(file);
      if (name === undefined) continue;
      const begun = timeOfHour(name.hour);
      const time = begun <= now ? begun : Date.parse((await greatestTime(name.segment)) ?? '');
      if (Number.isFinite(time)) times.push(time);
    }
    return times;
  }

  private schedule(wait: number): void {
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      this.running = this.run().finally(() => {
        this.schedule(HOUR_MS);
      });
    }, wait);
    this.timer.unref();
  }
}
