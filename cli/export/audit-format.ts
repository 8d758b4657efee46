import { toJson } from '../io/plain-text';
import type { JsonObject } from '../client/json-object';
import { csvLine } from './csv-line';

/** The members of an event, in the order of the API; `metadata` is JSON. */
export const AUDIT_COLUMNS = [
  'id',
  'timestamp',
  'event_type',
  'provider',
  'user_id',
  'ip_address',
  'user_agent',
  'success',
  'error_message',
  'region',
  'request_id',
  'key_version',
  'token_sha256',
  'metadata',
  'damaged',
] as const;

/** A format of exported events. */
export interface AuditFormat {
  readonly heading: string;
  readonly line: (event: JsonObject) => string;
}

export const AUDIT_FORMATS = {
  /** One event a line, as the API shows it. */
  'json lines': { heading: '', line: (event) => `${toJson(event)}\n` },
  csv: {
    heading: csvLine(AUDIT_COLUMNS),
    line: (event) => csvLine(AUDIT_COLUMNS.map((name) => event[name])),
  },
} as const satisfies Readonly<Record<string, AuditFormat>>;

export type AuditFormatName = keyof typeof AUDIT_FORMATS;
