import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { StoredEvent, StoredImage } from './ports/event-change';

export interface ReportEventsDependencies {
  readonly region: string;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly logger: Logger;
}

/** Events that are named in the log one by one; the others are counted. */
const MOST_NAMED = 20;

const MESSAGES = {
  event_malformed: 'what was written into the audit log is no whole event',
  event_tampered: 'an event of the audit log was edited, or removed before its time: see docs/operations.md',
  event_unlogged: 'an event of the audit log is older than a day and in no transparency log: see docs/operations.md',
} as const;

/** Reports events with their ids and never their content; the metric has their number. */
export function reportEvents(
  { region, metrics, logger }: ReportEventsDependencies,
  name: keyof typeof MESSAGES,
  found: readonly StoredImage[],
): void {
  for (const image of found.slice(0, MOST_NAMED)) {
    logger.error(MESSAGES[name], { region, ...(isEvent(image) && { event_id: image.event.id }) });
  }
  const more = found.length - MOST_NAMED;
  if (more > 0) logger.error(MESSAGES[name], { region, count: more });
  for (const _ of found) metrics.count(name);
}

export const isEvent = (image: StoredImage): image is StoredEvent => typeof image === 'object';

/** Whether what is stored is no whole event. */
export const isDamaged = (image: StoredImage): boolean =>
  image === 'unreadable' || (image !== undefined && image.event.damaged === true);
