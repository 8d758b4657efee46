import { AUDIT_NONCE_BYTES } from '../contract/limits';
import { AUDIT_EVENT_ID_PATTERN } from '../contract/names';
import { MINUTE_MS } from '../contract/time-units';
import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { isRecord, isTimestamp } from '../crypto/record-checks';
import { parseStrictJson } from '../crypto/strict-json';
import { decodeUtf8 } from '../crypto/utf8';

/** What the log needs of an archived event. */
export interface ArchivedLine {
  readonly id: string;
  /** Minutes since 1970 of the event's time. */
  readonly minute: number;
  readonly region: string;
  readonly nonce: Buffer;
}

/** The part of a time that names its minute, and the rest. */
const MINUTE_LENGTH = '2026-11-27T14:05'.length;
const SECONDS = /^:[0-5][0-9]\.[0-9]{3}Z$/;

/** Events come by the thousand of one minute. */
let last = { text: '', minute: 0 };

/** @returns undefined for what is no time in ISO 8601 in UTC with milliseconds */
function minuteOf(timestamp: unknown): number | undefined {
  if (typeof timestamp !== 'string' || !SECONDS.test(timestamp.slice(MINUTE_LENGTH))) return undefined;
  const text = timestamp.slice(0, MINUTE_LENGTH);
  if (text !== last.text) {
    if (!isTimestamp(timestamp)) return undefined;
    last = { text, minute: Math.floor(Date.parse(timestamp) / MINUTE_MS) };
  }
  return last.minute;
}

/** An archived event with all its members, the nonce among them. */
export interface ArchivedEvent extends ArchivedLine {
  readonly timestamp: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** @returns undefined if the line is no archived event */
export function readArchivedLine(line: Buffer): ArchivedLine | undefined {
  return readArchivedEvent(line);
}

/** As {@link readArchivedLine}, with all members. */
export function readArchivedEvent(line: Buffer): ArchivedEvent | undefined {
  const event = parseStrictJson(decodeUtf8(line) ?? '');
  if (!isRecord(event)) return undefined;
  const { id, timestamp, region, nonce: encoded } = event;
  const minute = minuteOf(timestamp);
  if (typeof id !== 'string' || !AUDIT_EVENT_ID_PATTERN.test(id) || minute === undefined) return undefined;
  if (typeof region !== 'string' || typeof encoded !== 'string') return undefined;
  const nonce = decodeCanonicalBase64(encoded);
  if (nonce?.length !== AUDIT_NONCE_BYTES) return undefined;
  return { id, minute, region, nonce, timestamp: timestamp as string, members: event };
}
