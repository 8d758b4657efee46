import { KeywardError, keysUnavailable } from '../../lambdas/core/errors/errors';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { SealingGuard } from '../../lambdas/core/keysets/ports/sealing-guard';
import type { Finding, Inspect } from './finding';

export const LOOK_MS = 15_000;
/** Interval of checks while something is wrong, so that the server recovers soon after a repair. */
const LOOK_AGAIN_MS = 5_000;
/** Maximum age of a check for sealing: timers stop while a machine sleeps or a process is stopped. */
export const OLDEST_LOOK_MS = 30_000;
const LOG_AGAIN_MS = 60_000;

const UNKNOWN: Finding = {
  message: 'the data directory could not be read, and nothing more is sealed',
  stops: 'sealing',
};

export interface DataWatchOptions {
  readonly inspect: Inspect;
  /** Whether new writes will be found again; called at every write. */
  readonly isInPlace: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Checks everything under the data directory while the process runs, four times a minute, and stops what would lose data: sealing
 * if keys or files that belong to them are in doubt, all storing if the database is not where it was opened. Each finding is
 * logged at once, and each minute while it lasts. The next check notices a repair.
 */
export class DataWatch implements SealingGuard {
  private findings: readonly Finding[] = [];
  private lookedAt: number | undefined;
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly loggedAt = new Map<string, number>();

  constructor(private readonly deps: DataWatchOptions) {}

  /** Checks once, then periodically. Its timers do not keep the process alive. */
  async start(): Promise<void> {
    await this.look();
    this.schedule();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  async assertMaySeal(): Promise<void> {
    const age = this.deps.clock.now() - (this.lookedAt ?? -Infinity);
    if (age < 0 || age > OLDEST_LOOK_MS) await this.look();
    if (this.findings.length > 0) throw keysUnavailable('sealing_stopped');
  }

  /** @throws KeywardError `store_unavailable` if new data would not be found again */
  assertStored(): void {
    if (!this.isInPlace) {
      throw new KeywardError('store_unavailable', 'the database is not where it was opened; try again');
    }
  }

  /** Whether stored data was where it was opened, at the last check and now. */
  get isInPlace(): boolean {
    return !this.findings.some(({ stops }) => stops === 'storing') && this.deps.isInPlace();
  }

  /** Checks once, for all concurrent callers. Never rejects. */
  look(): Promise<void> {
    this.looking ??= this.lookNow().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async lookNow(): Promise<void> {
    const startedAt = this.deps.clock.now();
    const found = await this.deps.inspect().catch(() => [UNKNOWN]);
    if (found.length === 0 && this.findings.length > 0) {
      this.deps.logger.info('the data directory is in order again: it seals and stores as before');
    }
    this.findings = found;
    this.lookedAt = startedAt;
    this.log(startedAt);
  }

  private log(now: number): void {
    const messages = new Set(this.findings.map(({ message }) => message));
    for (const message of this.loggedAt.keys()) if (!messages.has(message)) this.loggedAt.delete(message);
    for (const message of messages) {
      const since = now - (this.loggedAt.get(message) ?? -Infinity);
      if (since >= 0 && since < LOG_AGAIN_MS) continue;
      this.loggedAt.set(message, now);
      this.deps.logger.error(message);
    }
  }

  private schedule(): void {
    if (this.closed) return;
    this.timer = setTimeout(
      () => {
        void this.look().then(() => {
          this.schedule();
        });
      },
      this.findings.length > 0 ? LOOK_AGAIN_MS : LOOK_MS,
    );
    this.timer.unref();
  }
}
