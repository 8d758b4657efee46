import type { Logger } from '../../lambdas/core/ports/logger';
import type { KeysetStatus } from '../../lambdas/core/kek-rotation/ensure-keysets';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface KeysetCreationOptions {
  /** Checks and creates the keysets of these providers. Never rejects. */
  readonly ensure: (providers: readonly string[]) => Promise<readonly KeysetStatus[]>;
  readonly logger: Logger;
}

/**
 * Retries the keysets that a start could not check or create, at growing intervals, until all are done. A lost or damaged keyset
 * is left alone: a new keyset would hide the loss. Its timers do not keep the process alive.
 */
export class KeysetCreation {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly deps: KeysetCreationOptions) {}

  /** @param statuses the result of the start */
  start(statuses: readonly KeysetStatus[]): void {
    this.comeAgain(statuses, FIRST_PAUSE_MS);
  }

  /** Starts nothing more, and waits for a running attempt. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private comeAgain(statuses: readonly KeysetStatus[], pause: number): void {
    const failed = statuses.filter(({ status }) => status === 'failed');
    for (const { provider, code, reason } of failed) {
      const why = { ...(code !== undefined && { code }), ...(reason !== undefined && { reason }) };
      this.deps.logger.warn('a keyset could not be checked or made, and is retried', { provider, ...why });
    }
    if (failed.length === 0 || this.closed) return;
    this.timer = setTimeout(() => {
      this.running = this.run(
        failed.map(({ provider }) => provider),
        pause,
      );
    }, pause);
    this.timer.unref();
  }

  private async run(providers: readonly string[], pause: number): Promise<void> {
    const statuses = await this.deps.ensure(providers);
    for (const { provider, status } of statuses) this.say(provider, status);
    this.comeAgain(statuses, Math.min(LONGEST_PAUSE_MS, pause * 2));
  }

  private say(provider: string, status: KeysetStatus['status']): void {
    const { logger } = this.deps;
    switch (status) {
      case 'created':
        logger.info('a keyset that was missing has been made', { provider });
        break;
      case 'ready':
        logger.info('a keyset that could not be checked is in order', { provider });
        break;
      case 'lost':
        logger.error('a keyset is gone although it was in use: restore the data', { provider });
        break;
      case 'damaged':
        logger.error('a keyset was edited or mixed up: restore the data', { provider });
        break;
      case 'failed':
        break;
    }
  }
}
