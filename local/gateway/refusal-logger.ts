import type { Clock } from '../../lambdas/core/ports/clock';
import type { LogFields, Logger } from '../../lambdas/core/ports/logger';
import { RefusalCounter } from './refusal-counter';

/** In a minute: of one sender, who may be a program that tries again and again, and senders that are told apart. */
const LINES_PER_MINUTE = 30;
const MAX_SENDERS = 50;

/**
 * Says in the log why requests were refused, in one line each, for whoever runs the server: a caller is told less. No flood fills the
 * log, since what a sender is refused beyond 30 times in a minute is counted; the log says so, and the count with the next refusal.
 */
export class RefusalLogger {
  private readonly meter = new RefusalCounter(LINES_PER_MINUTE, MAX_SENDERS);

  constructor(private readonly deps: { readonly clock: Clock; readonly logger: Logger }) {}

  /**
   * @param message a text of ours, with nothing of the request
   * @param sender the address, or who it was where that is proved; it is not logged
   */
  tell(message: string, sender: string | null, fields: LogFields): void {
    const now = this.deps.clock.now();
    const treatment = this.meter.record(sender ?? '', now);
    const count = this.meter.takeFinished(now).reduce((sum, finished) => sum + finished.count, 0);
    if (count > 0) this.deps.logger.warn('more requests were refused than the log lists', { count });
    if (treatment === 'count') return;
    this.deps.logger.warn(message, fields);
    if (treatment === 'audit_last')
      this.deps.logger.warn('further refusals of that sender in this minute are only counted');
  }
}
