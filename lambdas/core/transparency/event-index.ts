import { MINUTE_MS } from '../contract/time-units';
import { createIdTable, RECORD_BYTES, type IdTable } from './id-table';
import type { Checked } from './log-fault';
import type { LogStore } from './ports/log-store';

const ID_BYTES = 16;
const RANGE_DIGITS = 12;
/** `2026-11-27T14:05` as the parts of a path. */
const MINUTE_LENGTH = 16;

/** Where the index of a minute of event time is: `index/2026/11/27/14/05/`. */
const minutePrefix = (minute: number): string =>
  `index/${new Date(minute * MINUTE_MS).toISOString().slice(0, MINUTE_LENGTH).replaceAll(/[-T:]/g, '/')}/`;

/** The index object of a minute of event time and a range: the ids that the range added, with the places of their entries. */
export const indexPath = (minute: number, range: number): string =>
  `${minutePrefix(minute)}${String(range).padStart(RANGE_DIGITS, '0')}`;

/** Reads index objects of one minute into a table. An id is in one of them at most, in the order of ids in each. */
async function readInto(table: IdTable, store: LogStore, paths: readonly string[]): Promise<Checked<IdTable>> {
  for (const path of paths) {
    const bytes = await store.read(path);
    if (bytes === undefined) return { fault: 'index_missing' };
    if (bytes.length % RECORD_BYTES !== 0) return { fault: 'index_form' };
    for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
      const id = bytes.subarray(at, at + ID_BYTES);
      if (!table.add(id, bytes.readUIntBE(at + ID_BYTES, RECORD_BYTES - ID_BYTES))) return { fault: 'index_form' };
    }
  }
  return { value: table };
}

/**
 * The events of a minute that are in the log, up to a range and without it.
 *
 * @param range the ranges before this one are read, of which all objects are written
 */
export async function readIndexedMinute(store: LogStore, minute: number, range: number): Promise<Checked<IdTable>> {
  const paths = await store.list(minutePrefix(minute));
  const end = indexPath(minute, range);
  return readInto(createIdTable(), store, paths.filter((path) => path < end).toSorted());
}
