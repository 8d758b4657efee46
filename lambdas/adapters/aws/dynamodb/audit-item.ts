import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { EXPIRES_AT } from '../../../core/contract/tables';
import { DAY_MS } from '../../../core/contract/time-units';
import {
  AUDIT_FIELDS,
  AUDIT_METADATA,
  FREE_AUDIT_FIELDS,
  type AuditEvent,
  type AuditMetadata,
  type AuditValueKind,
} from '../../../core/audit/audit-event';
import { mayBeNonceOf, type AuditRecord } from '../../../core/audit/audit-record';
import { exactNumber } from '../../../core/crypto/exact-number';
import { isCount } from '../../../core/crypto/record-checks';
import { auditBucket, auditEventKey } from './dynamodb-tables';

export type AuditItem = Record<string, AttributeValue>;

const FIELD_NAMES = Object.keys(AUDIT_FIELDS) as (keyof typeof AUDIT_FIELDS)[];
const METADATA = Object.entries<AuditValueKind>(AUDIT_METADATA);

/**
 * The table's item of an event: its members and its nonce by name, and the key. Null members are left out.
 *
 * @param retentionDays days from the event's timestamp until DynamoDB's TTL may delete the item; left out: never
 */
export function toAuditItem(event: AuditRecord, retentionDays: number | undefined): AuditItem {
  const item: AuditItem = {
    bucket: { S: auditBucket(event.provider, event.timestamp, event.id) },
    event_key: { S: auditEventKey(event.timestamp, event.id) },
    metadata: { M: toMetadataItem(event.metadata) },
    nonce: { S: event.nonce },
  };
  for (const name of FIELD_NAMES) {
    const value = event[name];
    if (value !== null) item[name] = toAttribute(value);
  }
  if (retentionDays !== undefined) {
    item[EXPIRES_AT] = { N: String(Math.floor((Date.parse(event.timestamp) + retentionDays * DAY_MS) / 1000)) };
  }
  return item;
}

function toMetadataItem(metadata: AuditMetadata): AuditItem {
  const item: AuditItem = {};
  for (const [name, value] of Object.entries(metadata) as [string, string | number | undefined][]) {
    if (value !== undefined) item[name] = toAttribute(value);
  }
  return item;
}

/** A value of an event's member. */
export type Comparable = string | number | boolean;

/** The table's attribute of a member's value. */
export function toAttribute(value: Comparable): AttributeValue {
  if (typeof value === 'number') return { N: String(value) };
  return typeof value === 'boolean' ? { BOOL: value } : { S: value };
}

/**
 * Reads an item of {@link toAuditItem}, without its nonce, which rows of earlier releases lack. Id and time come from the key; an
 * edited row does not stop the reading of the others.
 */
export function fromAuditItem(item: AuditItem): AuditEvent {
  const place = placeOf(item);
  const metadata = fromMetadataItem(item['metadata']);
  const id = item['id']?.S;
  const timestamp = item['timestamp']?.S;
  let isIntact =
    metadata !== undefined &&
    (place === undefined || (id === place.id && timestamp === place.timestamp)) &&
    mayBeNonceOf(place ?? { id, timestamp }, item['nonce'] && (item['nonce'].S ?? null));
  const event: Record<string, unknown> = place ?? { id: id ?? null, timestamp: timestamp ?? null };
  for (const [name, { kind, nullable }] of FREE_AUDIT_FIELDS) {
    const stored = item[name];
    const value = valueOf(stored, kind);
    if (value === undefined && (stored !== undefined || !nullable)) isIntact = false;
    event[name] = value ?? (nullable ? null : '');
  }
  event['metadata'] = metadata ?? readableOf(item['metadata']);
  if (!isIntact) event['damaged'] = true;
  return event as unknown as AuditEvent;
}

/** Reads the key, which cannot be edited; undefined if the read left it out. */
function placeOf(item: AuditItem): { timestamp: string; id: string } | undefined {
  const key = item['event_key']?.S;
  const hash = key?.indexOf('#') ?? -1;
  return key === undefined || hash < 0 ? undefined : { timestamp: key.slice(0, hash), id: key.slice(hash + 1) };
}

/** As {@link readableOf}; undefined if a member is not of its type. Members of a newer release are left out. */
function fromMetadataItem(value: AttributeValue | undefined): AuditMetadata | undefined {
  const readable = readableOf(value);
  const known = Object.keys(value?.M ?? {}).filter((name) => Object.hasOwn(AUDIT_METADATA, name));
  return value?.M !== undefined && known.every((name) => Object.hasOwn(readable, name)) ? readable : undefined;
}

function readableOf(value: AttributeValue | undefined): AuditMetadata {
  const members = METADATA.flatMap(([name, kind]) => {
    const member = Object.hasOwn(value?.M ?? {}, name) ? value?.M?.[name] : undefined;
    const read = valueOf(member, kind);
    return read === undefined ? [] : [[name, read]];
  });
  return Object.fromEntries(members) as AuditMetadata;
}

/** Undefined if missing or not of its kind. Any text is accepted: a newer release may have more values. */
function valueOf(value: AttributeValue | undefined, kind: AuditValueKind): string | number | boolean | undefined {
  if (kind === 'count') return countOf(value);
  return kind === 'flag' ? value?.BOOL : value?.S;
}

function countOf(value: AttributeValue | undefined): number | undefined {
  const number = value?.N === undefined ? undefined : exactNumber(value.N);
  return isCount(number, 0) ? number : undefined;
}
