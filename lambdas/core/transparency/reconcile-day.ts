import type { Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import { archivedLineOf, archiveLines } from './archived-lines';
import { dayRecord, recordsOf } from './due-days';
import { isFromBeforeLog } from './from-before-log';
import type { LoggedIn } from './logged-hour';
import type { ArchiveSource } from './ports/archive-source';
import type { EventArchive } from './ports/event-archive';
import type { StoredEvent, StoredImage } from './ports/event-change';
import type { EventPages } from './ports/event-pages';
import type { LogStore } from './ports/log-store';
import type { ReconcileDayMessage } from './ports/reconciliation-queue';
import { isEvent, reportEvents, type ReportEventsDependencies } from './report-events';

export interface ReconcileDayDependencies extends ReportEventsDependencies {
  readonly pages: EventPages;
  readonly loggedIn: LoggedIn;
  readonly archive: EventArchive;
  readonly source: Pick<ArchiveSource, 'hours'>;
  /** Where it stands what was read: beside the archive, and as hard to change. */
  readonly records: Pick<LogStore, 'create' | 'list'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Randomness;
}

/** @returns the message with the place to go on from; undefined: the day is done, and that is recorded */
export type ReconcileDay = (message: ReconcileDayMessage, deadline: number) => Promise<ReconcileDayMessage | undefined>;

/** An object of the archive is far smaller than what its reader unzips; a page of DynamoDB has at most 1 MB. */
const OBJECT_BYTES = 4 * 1024 * 1024;
const HOURS = 24;

const TAKEN_OVER = 'events from before the transparency log were archived';
const DONE = 'a day of the audit log was reconciled';

/**
 * Reads the events of a day, hour by hour, and archives those that no log has, as they are stored. What was archived is durable before
 * the place is returned, so a run that is cut off is repeated from the place of its message: objects may overlap.
 *
 * An event that no log has is reported, unless it is from before the log, which takes it over in its first days.
 *
 * @throws KeywardError `store_unavailable`: the message has to be delivered again
 */
export function createReconcileDay(deps: ReconcileDayDependencies): ReconcileDay {
  const { pages, loggedIn, source, records, clock, randomness, region, metrics, logger } = deps;

  async function report(events: readonly StoredEvent[]): Promise<void> {
    const [first] = events.length === 0 ? [] : await source.hours(undefined);
    const now = clock.now();
    const firstHour = first === undefined ? now : Date.parse(`${first}:00:00.000Z`);
    const isOlder = ({ event }: StoredEvent): boolean => isFromBeforeLog(Date.parse(event.timestamp), now, firstHour);
    const older = events.filter(isOlder).length;
    if (older > 0) logger.info(TAKEN_OVER, { region, count: older });
    reportEvents(
      deps,
      'event_unlogged',
      events.filter((each) => !isOlder(each)),
    );
  }

  return async (message, deadline) => {
    const { day, place: { hour: firstHour = 0, part: firstPart = '', after: firstAfter } = {} } = message;
    if (message.owed && message.place === undefined && (await isRecorded(records, message))) return undefined;
    const found = new Map<string, StoredEvent>();
    let lines: string[] = [];
    let bytes = 0;
    let total = message.found;
    let hasRead = false;

    async function archiveFound(): Promise<void> {
      // Before they are archived: a run that is repeated after the next publication would not find them any more.
      await report([...found.values()]);
      await archiveLines(deps, lines);
      total += found.size;
      [lines, bytes] = [[], 0];
      found.clear();
    }

    async function keepUnlogged(images: readonly StoredImage[], hour: string): Promise<void> {
      reportEvents(
        deps,
        'event_malformed',
        images.filter((image) => image === 'unreadable'),
      );
      const events = images.filter(isEvent).filter(({ event }) => event.region === region);
      if (events.length === 0) return;
      const logged = await loggedIn(hour);
      for (const stored of events) {
        if (logged.has(Buffer.from(stored.event.id, 'hex')) || found.has(stored.event.id)) continue;
        const line = archivedLineOf(stored, randomness);
        found.set(stored.event.id, stored);
        lines.push(line);
        bytes += Buffer.byteLength(line);
      }
    }

    const parts = await pages.parts(day);
    for (let at = firstHour; at < HOURS; at += 1) {
      const hour = `${day}T${String(at).padStart(2, '0')}`;
      const isFirst = at === firstHour;
      for (const part of isFirst ? parts.filter((each) => each >= firstPart) : parts) {
        let after = isFirst && part === firstPart ? firstAfter : undefined;
        do {
          if (hasRead && clock.now() >= deadline) {
            await archiveFound();
            return { ...message, found: total, place: { hour: at, part, ...(after !== undefined && { after }) } };
          }
          const page = await pages.page({ part, hour, after });
          hasRead = true;
          await keepUnlogged(page.images, hour);
          if (bytes >= OBJECT_BYTES) await archiveFound();
          after = page.readTo;
        } while (after !== undefined);
      }
    }
    await archiveFound();
    await records.create(dayRecord(message), Buffer.from(`${JSON.stringify({ found: total })}\n`, 'utf8'));
    metrics.count('day_reconciled');
    logger.info(DONE, { region, count: total });
    return undefined;
  };
}

async function isRecorded(records: Pick<LogStore, 'list'>, message: ReconcileDayMessage): Promise<boolean> {
  const wanted = dayRecord(message);
  return (await records.list(recordsOf(message.day))).some((path) => path >= wanted);
}
