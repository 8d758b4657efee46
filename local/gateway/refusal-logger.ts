import type { Clock } from '../../lambdas/core/ports/clock';
import type { LogFields, Logger } from '../../lambdas/core/ports/logger';
import { RefusalCounter } from '../../lambdas/core/refusals/refusal-counter';

/** Limits per minute: lines of one sender, which may be a program that retries, and senders that are counted separately. */
const LINES_PER_MINUTE = 30;
const MAX_SENDERS = 50;

/**
 * Logs the reasons of refusals, one line each, for the operator: a caller is told less. A flood does not fill the log: a sender's
 * refusals beyond 30 in a minute are counted, which the log says, and its next refusal is logged with the count.
 */
export class RefusalLogger {
  private readonly meter = new RefusalCounter(LINES_PER_MINUTE, MAX_SENDERS);

  constructor(private readonly deps: { readonly clock: Clock; readonly logger: Logger }) {}

  /**
   * @param message a text of ours, with nothing of the request
   * @param sender the address, or the verified principal; not logged
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
