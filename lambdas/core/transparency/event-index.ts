import { MINUTE_MS } from '../contract/time-units';
import { createIdTable, RECORD_BYTES, type IdTable } from './id-table';
import type { Checked } from './log-fault';
import type { LogStore } from './ports/log-store';

const ID_BYTES = 16;
const RANGE_DIGITS = 12;
/** `2026-11-27T14:05` as the parts of a path. */
const MINUTE_LENGTH = 16;

/** Where the index of an hour of event time is, `2026-11-27T14`: `index/2026/11/27/14/`. */
export const indexHourPrefix = (hour: string): string => `index/${hour.replaceAll(/[-T]/g, '/')}/`;

/** Where the index of a minute of event time is: `index/2026/11/27/14/05/`. */
export const indexPrefix = (minute: number): string =>
  `index/${new Date(minute * MINUTE_MS).toISOString().slice(0, MINUTE_LENGTH).replaceAll(/[-T:]/g, '/')}/`;

/** The index object of a minute of event time and a range: the ids that the range added, with the places of their entries. */
export const indexPath = (minute: number, range: number): string =>
  `${indexPrefix(minute)}${String(range).padStart(RANGE_DIGITS, '0')}`;

const PATH = /^index\/([0-9]{4})\/([0-9]{2})\/([0-9]{2})\/([0-9]{2})\/([0-9]{2})\/([0-9]{12})$/;

/** Minute and range of the path of an index object; undefined for any other text than {@link indexPath} writes. */
export function parseIndexPath(path: string): { readonly minute: number; readonly range: number } | undefined {
  const [, year, month, day, hour, minute, range] = PATH.exec(path) ?? [];
  if (range === undefined) return undefined;
  const parsed = {
    minute: Math.floor(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00.000Z`) / MINUTE_MS),
    range: Number(range),
  };
  return Number.isNaN(parsed.minute) || indexPath(parsed.minute, parsed.range) !== path ? undefined : parsed;
}

/** The ids of an index object, with the places of their entries; undefined if it is none. */
export function readIndexRecords(
  bytes: Buffer,
): readonly { readonly id: Buffer; readonly place: number }[] | undefined {
  if (bytes.length % RECORD_BYTES !== 0) return undefined;
  return Array.from({ length: bytes.length / RECORD_BYTES }, (_, at) => {
    const start = at * RECORD_BYTES;
    const end = start + ID_BYTES;
    return { id: bytes.subarray(start, end), place: bytes.readUIntBE(end, RECORD_BYTES - ID_BYTES) };
  });
}

/** Reads index objects of one minute into a table. An id is in one of them at most, in the order of ids in each. */
async function readInto(table: IdTable, store: LogStore, paths: readonly string[]): Promise<Checked<IdTable>> {
  for (const path of paths) {
    const bytes = await store.read(path);
    if (bytes === undefined) return { fault: 'index_missing' };
    const records = readIndexRecords(bytes);
    if (records?.every(({ id, place }) => table.add(id, place)) !== true) return { fault: 'index_form' };
  }
  return { value: table };
}

/**
 * The events of a minute that are in the log, up to a range and without it.
 *
 * @param range the ranges before this one are read, of which all objects are written
 */
export async function readIndexedMinute(store: LogStore, minute: number, range: number): Promise<Checked<IdTable>> {
  const paths = await store.list(indexPrefix(minute));
  const end = indexPath(minute, range);
  return readInto(createIdTable(), store, paths.filter((path) => path < end).toSorted());
}
