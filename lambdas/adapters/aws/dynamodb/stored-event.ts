import { EXPIRES_AT } from '../../../core/contract/tables';
import { AUDIT_NONCE_BYTES } from '../../../core/contract/limits';
import { AUDIT_EVENT_ID_PATTERN } from '../../../core/contract/names';
import { SECOND_MS } from '../../../core/contract/time-units';
import { decodeCanonicalBase64 } from '../../../core/crypto/canonical-base64';
import { exactNumber } from '../../../core/crypto/exact-number';
import { isTimestamp } from '../../../core/crypto/record-checks';
import type { StoredImage } from '../../../core/transparency/ports/event-change';
import { fromAuditItem, type AuditItem } from './audit-item';

/**
 * Reads an item of the audit table, as a stream has it, with its nonce. An item without a region is of none: it notes that a
 * provider was in use.
 */
export function readStoredEvent(item: AuditItem): StoredImage {
  if (item['region'] === undefined) return undefined;
  const event = fromAuditItem(item);
  if (!AUDIT_EVENT_ID_PATTERN.test(event.id) || !isTimestamp(event.timestamp)) return 'unreadable';
  return { event, nonce: nonceOf(item['nonce']?.S), expiresAt: timeOf(item[EXPIRES_AT]?.N) };
}

const nonceOf = (text: string | undefined): string | undefined =>
  text !== undefined && decodeCanonicalBase64(text)?.length === AUDIT_NONCE_BYTES ? text : undefined;

/** DynamoDB's TTL takes whole seconds since 1970. */
function timeOf(seconds: string | undefined): number | undefined {
  const time = seconds === undefined ? undefined : exactNumber(seconds);
  return time === undefined ? undefined : time * SECOND_MS;
}
