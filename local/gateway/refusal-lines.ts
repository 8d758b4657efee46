import type { Clock } from '../../lambdas/core/ports/clock';
import type { LogFields, Logger } from '../../lambdas/core/ports/logger';
import { RefusalMeter } from './refusal-meter';

/** In a minute: of one sender, and senders that are told apart. */
const LINES_PER_MINUTE = 10;
const MAX_SENDERS = 100;

/**
 * Says in the log why requests were refused, in one line each, for whoever runs the server: a caller is told less. No flood fills the
 * log, since what a sender is refused beyond ten times in a minute is counted, and the count is one line with the next refusal.
 */
export class RefusalLines {
  private readonly meter = new RefusalMeter(LINES_PER_MINUTE, MAX_SENDERS);

  constructor(private readonly on: { readonly clock: Clock; readonly logger: Logger }) {}

  /**
   * @param message a text of ours, with nothing of the request
   * @param sender the address, or who it was where that is proved; it is not logged
   */
  tell(message: string, sender: string | null, fields: LogFields): void {
    const now = this.on.clock.now();
    const treatment = this.meter.record(sender ?? '', now);
    const count = this.meter.takeFinished(now).reduce((sum, finished) => sum + finished.count, 0);
    if (count > 0) this.on.logger.warn('more requests had been refused than the log tells', { count });
    if (treatment !== 'count') this.on.logger.warn(message, fields);
  }
}
