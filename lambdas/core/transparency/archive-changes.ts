import { hash } from 'node:crypto';
import { formatEventLine } from '../audit/event-line';
import { AUDIT_NONCE_BYTES } from '../contract/limits';
import type { Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import { archiveHour } from './archive-hour';
import type { EventArchive } from './ports/event-archive';
import type { EventChange, StoredEvent, StoredImage } from './ports/event-change';

export interface ArchiveChangesDependencies {
  readonly archive: EventArchive;
  /** The region whose events belong into the archive. */
  readonly region: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Randomness;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly logger: Logger;
}

/** Events of one batch that are named in the log one by one; the others are counted. */
const MOST_NAMED = 20;

const EDITED = 'an event of the audit log was edited, or removed before its time: see docs/operations.md';
const DAMAGED = 'what was written into the audit log is no whole event';

/**
 * Archives the events of a batch of changes as one object: the new ones, and as they were those that somebody edited or removed.
 *
 * Nobody edits an event, Keyward included, and DynamoDB removes it only once its time is over. So anything else is reported, with
 * the event's id and never its content. An event of an earlier release gets its nonce here, another one at each attempt: the
 * publisher's decision names the object that counts.
 *
 * @returns the number of lines that are archived now
 * @throws what the archive throws: the batch has to be repeated as a whole
 */
export function createArchiveChanges(
  deps: ArchiveChangesDependencies,
): (changes: readonly EventChange[]) => Promise<number> {
  const { archive, region, clock, randomness, metrics, logger } = deps;

  const lineOf = ({ event, nonce }: StoredEvent): string =>
    formatEventLine({ ...event, nonce: nonce ?? randomness.secretBytes(AUDIT_NONCE_BYTES).toString('base64') });

  /** Reports events under one message. */
  function report(name: 'event_malformed' | 'event_tampered', message: string, found: readonly StoredImage[]): void {
    for (const image of found.slice(0, MOST_NAMED)) {
      logger.error(message, { region, ...(isEvent(image) && { event_id: image.event.id }) });
    }
    const more = found.length - MOST_NAMED;
    if (more > 0) logger.error(message, { region, count: more });
    for (const _ of found) metrics.count(name);
  }

  return async (changes) => {
    const tampered = changes.filter(isTampered).map(({ before }) => before);
    const added = changes.filter(({ before }) => before === undefined).map(({ after }) => after);
    report('event_tampered', EDITED, tampered);
    report('event_malformed', DAMAGED, added.filter(isDamaged));
    const lines = new Map<string, string>();
    for (const image of [...added, ...tampered]) {
      if (!isEvent(image) || image.event.region !== region || lines.has(image.event.id)) continue;
      lines.set(image.event.id, lineOf(image));
    }
    if (lines.size === 0) return 0;
    const bytes = Buffer.from([...lines.values()].map((line) => `${line}\n`).join(''), 'utf8');
    await archive.add({ hour: archiveHour(clock.now()), sha256: hash('sha256', bytes, 'hex') }, bytes);
    return lines.size;
  };
}

const isEvent = (image: StoredImage): image is StoredEvent => typeof image === 'object';

const isDamaged = (image: StoredImage): boolean =>
  image === 'unreadable' || (image !== undefined && image.event.damaged === true);

/** A removal in another region's copy has no mark of the one who made it, so the time alone decides. */
function isTampered({ before, after, isEdited, at }: EventChange): boolean {
  if (before === undefined) return false;
  if (after !== undefined) return isEdited;
  return before !== 'unreadable' && !(before.expiresAt !== undefined && before.expiresAt <= at);
}
