import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { isRecord, isTimestamp } from '../crypto/record-checks';
import { readStrictJson } from '../crypto/strict-json';
import { decodeUtf8 } from '../crypto/utf8';
import { NONCE_BYTES } from './log-entry';

/** What the log needs of an archived event. */
export interface ArchivedLine {
  readonly id: string;
  /** Minutes since 1970 of the event's time. */
  readonly minute: number;
  readonly region: string;
  readonly nonce: Buffer;
}

const ID = /^[0-9a-f]{32}$/;
const MINUTE_MS = 60_000;

/** @returns undefined if the line is no archived event */
export function readArchivedLine(line: Buffer): ArchivedLine | undefined {
  const text = decodeUtf8(line);
  const reading = text === undefined ? { value: undefined } : readStrictJson(text);
  if (!('value' in reading) || !isRecord(reading.value)) return undefined;
  const { id, timestamp, region, nonce: encoded } = reading.value;
  if (typeof id !== 'string' || !ID.test(id) || !isTimestamp(timestamp)) return undefined;
  if (typeof region !== 'string' || typeof encoded !== 'string') return undefined;
  const nonce = decodeCanonicalBase64(encoded);
  if (nonce?.length !== NONCE_BYTES) return undefined;
  return { id, minute: Math.floor(Date.parse(timestamp) / MINUTE_MS), region, nonce };
}
