import { KeywardError } from '../errors/errors';
import type { Logs, PublishedLog } from './ports/published-log';

export const NO_LOG = 'the deployment publishes no log of this region';

export const logNotFound = (): KeywardError => new KeywardError('log_not_found', NO_LOG);

/** @throws KeywardError `log_not_found` if the region has no log */
export function logOf(logs: Logs, region: string): PublishedLog {
  const log = logs.of(region);
  if (log === undefined) throw logNotFound();
  return log;
}
