import { MINUTE_MS } from '../contract/time-units';
import { mapConcurrently } from '../ports/map-concurrently';
import { indexPrefix } from './event-index';
import { RECORD_BYTES } from './id-table';
import type { Checked } from './log-fault';
import type { LogFiles } from './ports/log-files';

const ID_BYTES = 16;
/** One object a minute and range: more than one or two where somebody published within that minute. */
const READ_AT_ONCE = 16;

/**
 * Finds the place of an event in the log by the index objects of its minute: one list, and the objects, of which there is mostly one.
 *
 * @param time of the event, milliseconds since 1970
 * @returns undefined as value if no range has added it
 */
export async function findInIndex(
  files: LogFiles,
  id: string,
  time: number,
): Promise<Checked<{ readonly place: number | undefined }>> {
  const paths = await files.list(indexPrefix(Math.floor(time / MINUTE_MS)));
  const key = Buffer.from(id, 'hex');
  const found = await mapConcurrently(paths, READ_AT_ONCE, async (path) => {
    const bytes = await files.read(path);
    if (bytes === undefined) return { fault: 'index_missing' } as const;
    if (bytes.length % RECORD_BYTES !== 0) return { fault: 'index_form' } as const;
    return { value: placeIn(bytes, key) };
  });
  const fault = found.find((each) => each.fault !== undefined)?.fault;
  if (fault !== undefined) return { fault };
  return { value: { place: found.find(({ value }) => value !== undefined)?.value } };
}

/** By halving: the records are in the order of their ids. In an object that was edited it may find nothing. */
function placeIn(records: Buffer, id: Buffer): number | undefined {
  let [low, high] = [0, records.length / RECORD_BYTES];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = middle * RECORD_BYTES;
    const order = id.compare(records, at, at + ID_BYTES);
    if (order === 0) return records.readUIntBE(at + ID_BYTES, RECORD_BYTES - ID_BYTES);
    if (order > 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}
