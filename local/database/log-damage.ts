import { BLOCK_BYTES, HEADER_BYTES } from './log-format';
import { crc32c } from './crc32c';

const LAST_TYPE = 4;
const MASK_DELTA = 0xa282ead8;

/**
 * Checks whether a log of LevelDB (doc/log_format.md of its repository: blocks of 32 KiB, records of a masked CRC-32C, a length
 * and a type) can be read to its end. LevelDB itself skips unreadable data silently, and takes a damaged length near the end for
 * a write that was cut off.
 *
 * @returns `whole`; `cut-off` if it ends in an incomplete record, as after a kill or a power cut during a write that was not
 *   answered; `damaged` if a record follows unreadable data
 */
export function inspectLog(log: Buffer): 'whole' | 'cut-off' | 'damaged' {
  let offset = 0;
  while (offset < log.length) {
    const left = BLOCK_BYTES - (offset % BLOCK_BYTES);
    if (left < HEADER_BYTES) {
      offset += left;
      continue;
    }
    const end = recordEnd(log, offset);
    if (end === undefined) return standsBehind(log, offset + 1) ? 'damaged' : 'cut-off';
    offset = end;
  }
  return 'whole';
}

/** Whether a complete record follows `from`, at any offset. */
function standsBehind(log: Buffer, from: number): boolean {
  for (let offset = from; offset + HEADER_BYTES <= log.length; offset += 1) {
    if (recordEnd(log, offset) !== undefined) return true;
  }
  return false;
}

/** Returns the end of the record at `offset`; undefined if there is none, or it is incomplete. */
function recordEnd(log: Buffer, offset: number): number | undefined {
  if (offset + HEADER_BYTES > log.length) return undefined;
  const type = log.readUInt8(offset + 6);
  if (type < 1 || type > LAST_TYPE) return undefined;
  const end = offset + HEADER_BYTES + log.readUInt16LE(offset + 4);
  if (end > log.length || end - offset > BLOCK_BYTES - (offset % BLOCK_BYTES)) return undefined;
  const crc = crc32c(log.subarray(offset + 6, end));
  const masked = (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
  return masked === log.readUInt32LE(offset) ? end : undefined;
}
