import { toKeywardError } from '../lambdas/core/errors/errors';
import type { Logger } from '../lambdas/core/ports/logger';
import type { AbsentVault } from './vault-kek';

const LOOK_MS = 5_000;

/**
 * Waits for a Vault that did not answer at the start, and logs when it does: requests need nothing of this. A setting that Vault
 * refuses then is an error in the log, with what mends it, until it is mended. Its timers do not keep the process alive.
 */
export class VaultReturn {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private closed = false;
  private said = '';

  constructor(private readonly deps: { readonly away: AbsentVault; readonly logger: Logger }) {}

  start(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.looking = this.look();
    }, LOOK_MS);
    this.timer.unref();
  }

  /** Starts nothing more, and waits for a running look. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    const { away, logger } = this.deps;
    try {
      await away.check();
      logger.info('Vault answers: calls that need a KEK are answered as before');
    } catch (thrown) {
      const { message, outside } = toKeywardError(thrown);
      // An outage is logged where the call failed.
      if (outside?.kind !== 'outage' && message !== this.said) logger.error(message);
      this.said = message;
      this.start();
    }
  }
}
