import { AUDIT_EVENT_ID_PATTERN } from '../../lambdas/core/contract/names';
import {
  AUDIT_METADATA,
  FREE_AUDIT_FIELDS,
  type AuditEvent,
  type AuditValueKind,
} from '../../lambdas/core/audit/audit-event';
import { mayBeNonceOf } from '../../lambdas/core/audit/audit-record';
import { isCount, isRecord, isTimestamp } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';

const METADATA = Object.entries<AuditValueKind>(AUDIT_METADATA);

/**
 * Parses a line of `formatEventLine`, without its nonce. An event whose members were edited is `damaged`; members of a newer
 * release are left out.
 *
 * @returns undefined if it is no such line, or has no id or time that determines its place
 */
export function parseEventLine(line: string): AuditEvent | undefined {
  const stored = parseStrictJson(line);
  if (!isRecord(stored)) return undefined;
  const { id, timestamp, metadata, damaged } = stored;
  if (typeof id !== 'string' || !AUDIT_EVENT_ID_PATTERN.test(id) || !isTimestamp(timestamp)) return undefined;
  const event: Record<string, unknown> = { id, timestamp };
  let isIntact = damaged !== true && isRecord(metadata) && mayBeNonceOf({ id, timestamp }, stored['nonce']);
  for (const [name, { kind, nullable }] of FREE_AUDIT_FIELDS) {
    const value = Object.hasOwn(stored, name) ? stored[name] : undefined;
    const isNull = nullable === true && value === null;
    const isValue = isOfKind(value, kind);
    if (!isNull && !isValue) isIntact = false;
    event[name] = isValue ? value : nullable ? null : '';
  }
  const read: Record<string, unknown> = {};
  for (const [name, kind] of METADATA) {
    if (!isRecord(metadata) || !Object.hasOwn(metadata, name)) continue;
    if (isOfKind(metadata[name], kind)) read[name] = metadata[name];
    else isIntact = false;
  }
  event['metadata'] = read;
  if (!isIntact) event['damaged'] = true;
  return event as unknown as AuditEvent;
}

/** Accepts any text for a list of texts: a newer release may have more of them. */
function isOfKind(value: unknown, kind: AuditValueKind): boolean {
  if (kind === 'count') return isCount(value, 0);
  return typeof value === (kind === 'flag' ? 'boolean' : 'string');
}
