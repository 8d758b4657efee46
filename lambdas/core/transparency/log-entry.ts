import { AUDIT_NONCE_BYTES } from '../contract/limits';
import { AUDIT_EVENT_ID_PATTERN } from '../contract/names';
import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { hmacSha256 } from './hmac-sha256';
import { parseKeyHandOver, type KeyHandOver } from './key-hand-over';
import type { Checked } from './log-fault';

/** The entry of an event: its id and a commitment to its archived line. */
export interface EventEntry {
  /** 32 hexadecimal digits, lower case. */
  readonly id: string;
  readonly mac: Buffer;
}

export type LogEntry = { readonly event: EventEntry } | { readonly handOver: KeyHandOver };

const MAC_BYTES = 32;
const EVENT = /^([0-9a-f]{32}) ([A-Za-z0-9+/]{43}=)$/;

/**
 * The entry of an archived event: `<event id> <base64 of HMAC-SHA-256(nonce, line)>` (RFC 2104), without a newline.
 *
 * @param nonce made with the event and in its archived line, so that entry and proof reveal nothing that can be guessed
 * @param line the archived JSON line byte for byte, without its newline
 * @throws RangeError if the nonce has another length than 32 bytes, or the id another form
 */
export function eventEntry(id: string, nonce: Buffer, line: Buffer): Buffer {
  if (nonce.length !== AUDIT_NONCE_BYTES) throw new RangeError('a nonce has 32 bytes');
  if (!AUDIT_EVENT_ID_PATTERN.test(id)) throw new RangeError('an event id has 32 hexadecimal digits');
  return Buffer.from(`${id} ${hmacSha256(nonce, line)}`, 'latin1');
}

/** Reads an entry. Only what {@link eventEntry} and `formatKeyHandOver` write is accepted. */
export function parseEntry(entry: Buffer): Checked<LogEntry> {
  const text = entry.toString('latin1');
  const [, id, encoded = ''] = EVENT.exec(text) ?? [];
  if (id === undefined) {
    const handOver = parseKeyHandOver(entry);
    return handOver.fault === undefined ? { value: { handOver: handOver.value } } : handOver;
  }
  const mac = decodeCanonicalBase64(encoded);
  return mac?.length === MAC_BYTES ? { value: { event: { id, mac } } } : { fault: 'entry_form' };
}

/** Whether an entry is that of an archived line with this nonce: of this id and of no other text. */
export const isEntryOf = ({ id, mac }: EventEntry, event: { id: string; nonce: Buffer; line: Buffer }): boolean =>
  id === event.id &&
  event.nonce.length === AUDIT_NONCE_BYTES &&
  hmacSha256(event.nonce, event.line) === mac.toString('base64');
