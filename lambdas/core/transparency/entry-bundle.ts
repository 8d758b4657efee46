import type { Checked } from './log-fault';

/** The longest entry: its length is a 16-bit number in a bundle (tlog-tiles, "Log entries"). */
export const MAX_ENTRY_BYTES = 65_535;

const LENGTH_BYTES = 2;

/**
 * Joins entries to a bundle: each after its length as a big-endian 16-bit number (tlog-tiles, "Log entries").
 *
 * @throws RangeError for an entry of more than 65,535 bytes
 */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.alloc(entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError('an entry has at most 65,535 bytes');
    at = bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at);
    at += entry.length;
  }
  return bundle;
}

/**
 * Takes a bundle apart.
 *
 * @param width the number of entries that it must have
 */
export function parseBundle(bundle: Buffer, width: number): Checked<readonly Buffer[]> {
  const entries: Buffer[] = [];
  let at = 0;
  while (at < bundle.length) {
    if (at + LENGTH_BYTES > bundle.length) return { fault: 'bundle_form' };
    const start = at + LENGTH_BYTES;
    at = start + bundle.readUInt16BE(at);
    if (at > bundle.length) return { fault: 'bundle_form' };
    entries.push(bundle.subarray(start, at));
  }
  return entries.length === width ? { value: entries } : { fault: 'bundle_width' };
}
