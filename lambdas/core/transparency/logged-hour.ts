import { KeywardError } from '../errors/errors';
import { mapConcurrently } from '../ports/map-concurrently';
import type { Logger } from '../ports/logger';
import { archiveHour } from './archive-hour';
import { indexHourPrefix, readIndexRecords } from './event-index';
import { createIdTable, type IdTable } from './id-table';
import type { StoredEvent } from './ports/event-change';
import type { LogFiles } from './ports/log-files';

const READ_AT_ONCE = 16;
const DAMAGED =
  'the index of the transparency log is damaged, so nobody can say what the log has: see docs/operations.md';

/** The ids of the events of an hour of event time that the log has, by its index. */
export type LoggedIn = (hour: string) => Promise<Pick<IdTable, 'has'>>;

/**
 * Reads the index of an hour, and keeps the last one: 22 bytes an event, beside their table.
 *
 * A damaged index is an error. Taken for an empty one it would have events archived again, of which the publisher could not say,
 * either, that they are in the log.
 *
 * @returns a function that throws KeywardError `store_unavailable`
 */
export function createLoggedIn({ files, logger }: { readonly files: LogFiles; readonly logger: Logger }): LoggedIn {
  let last: { readonly hour: string; readonly ids: IdTable } | undefined;
  return async (hour) => {
    if (last?.hour === hour) return last.ids;
    last = undefined;
    const ids = createIdTable();
    const paths = await files.list(indexHourPrefix(hour));
    await mapConcurrently(paths, READ_AT_ONCE, async (path) => {
      const records = readIndexRecords((await files.read(path)) ?? Buffer.alloc(1));
      if (records === undefined) {
        logger.error(DAMAGED, { reason: 'index_form' });
        throw new KeywardError('store_unavailable', DAMAGED);
      }
      for (const { id, place } of records) ids.add(id, place);
    });
    last = { hour, ids };
    return ids;
  };
}

/** The events that the log does not have, hour by hour of their times. */
export async function unloggedOf(loggedIn: LoggedIn, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
  const unlogged: StoredEvent[] = [];
  const timed = events.map((stored) => ({ stored, at: Date.parse(stored.event.timestamp) }));
  for (const { stored, at } of timed.toSorted((a, b) => a.at - b.at)) {
    if (!(await loggedIn(archiveHour(at))).has(Buffer.from(stored.event.id, 'hex'))) unlogged.push(stored);
  }
  return unlogged;
}
