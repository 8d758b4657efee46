import { MINUTE_MS } from '../../core/contract/time-units';
import type { Clock } from '../../core/ports/clock';
import type { FailureLog } from '../../core/ports/failure-log';
import type { Logger } from '../../core/ports/logger';

const LOG_AGAIN_MS = MINUTE_MS;

/**
 * Compares wall clock times, because a frozen Lambda's timers stop; a clock that went back allows a line. Its memory is bounded
 * by Keyward's calls and the allow-list of names.
 */
export function createOnceAMinuteFailureLog(deps: { readonly clock: Clock; readonly logger: Logger }): FailureLog {
  const loggedAt = new Map<string, number>();
  return {
    note: ({ service, operation, region, name, kind, reason }) => {
      const key = [service, operation, region, name, reason].join('\n');
      const now = deps.clock.now();
      const age = now - (loggedAt.get(key) ?? -Infinity);
      if (age >= 0 && age < LOG_AGAIN_MS) return;
      loggedAt.set(key, now);
      const fields = { operation, region, error_name: name, ...(reason !== undefined && { reason }) };
      if (reason !== undefined) deps.logger.error(`${service} returned an unusable answer`, fields);
      else if (kind === 'outage') deps.logger.warn(`${service} did not answer`, fields);
      else deps.logger.error(`${service} refused a call`, fields);
    },
  };
}
