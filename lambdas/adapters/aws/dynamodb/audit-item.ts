import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { METADATA_TYPES, type AuditEvent, type AuditMetadata } from '../../../core/audit/audit-event';
import { exactNumber } from '../../../core/crypto/exact-number';
import { isCount } from '../../../core/crypto/record-checks';
import { auditBucket, auditEventKey } from './dynamodb-tables';

export type AuditItem = Record<string, AttributeValue>;

const DAY_S = 86_400;

/**
 * An event as the table holds it: its members under their own names beside the key. Members that are null are left
 * out. Made by hand because it is made for every request.
 *
 * @param retentionDays after so many days from the event's timestamp DynamoDB's TTL may delete the item; left out: never
 */
export function toAuditItem(event: AuditEvent, retentionDays: number | undefined): AuditItem {
  const item: AuditItem = {
    bucket: { S: auditBucket(event.provider, event.timestamp, event.id) },
    event_key: { S: auditEventKey(event.timestamp, event.id) },
    id: { S: event.id },
    timestamp: { S: event.timestamp },
    event_type: { S: event.event_type },
    region: { S: event.region },
    request_id: { S: event.request_id },
    metadata: { M: toMetadataItem(event.metadata) },
  };
  if (event.provider !== null) item['provider'] = { S: event.provider };
  if (event.user_id !== null) item['user_id'] = { S: event.user_id };
  if (event.ip_address !== null) item['ip_address'] = { S: event.ip_address };
  if (event.user_agent !== null) item['user_agent'] = { S: event.user_agent };
  if (event.success !== null) item['success'] = { BOOL: event.success };
  if (event.error_message !== null) item['error_message'] = { S: event.error_message };
  if (event.key_version !== null) item['key_version'] = { N: String(event.key_version) };
  if (event.token_sha256 !== null) item['token_sha256'] = { S: event.token_sha256 };
  if (retentionDays !== undefined) {
    item['expires_at'] = { N: String(Math.floor(Date.parse(event.timestamp) / 1000) + retentionDays * DAY_S) };
  }
  return item;
}

function toMetadataItem(metadata: AuditMetadata): AuditItem {
  const item: AuditItem = {};
  for (const [name, value] of Object.entries(metadata) as [string, string | number | undefined][]) {
    if (value !== undefined) item[name] = typeof value === 'number' ? { N: String(value) } : { S: value };
  }
  return item;
}

/**
 * The event that {@link toAuditItem} was given. Its place in the log says its id and time, whatever became of the rest; one
 * row that somebody has edited does not stop the reading of all others.
 */
export function fromAuditItem(item: AuditItem): AuditEvent {
  const place = placeOf(item);
  const metadata = fromMetadataItem(item['metadata']);
  const { key_version: version, success } = item;
  const isIntact =
    metadata !== undefined &&
    (place === undefined || (item['id']?.S === place.id && item['timestamp']?.S === place.timestamp)) &&
    REQUIRED_TEXTS.every((name) => item[name]?.S !== undefined) &&
    OPTIONAL_TEXTS.every((name) => item[name] === undefined || item[name].S !== undefined) &&
    (version === undefined || countOf(version) !== undefined) &&
    (success === undefined || success.BOOL !== undefined);
  const text = (name: string): string | null => item[name]?.S ?? null;
  const event: Record<keyof AuditEvent, unknown> = {
    id: place?.id ?? text('id'),
    timestamp: place?.timestamp ?? text('timestamp'),
    event_type: text('event_type') ?? '',
    provider: text('provider'),
    user_id: text('user_id'),
    ip_address: text('ip_address'),
    user_agent: text('user_agent'),
    success: success?.BOOL ?? null,
    error_message: text('error_message'),
    region: text('region') ?? '',
    request_id: text('request_id') ?? '',
    key_version: countOf(version) ?? null,
    token_sha256: text('token_sha256'),
    metadata: metadata ?? readableOf(item['metadata']),
    damaged: isIntact ? undefined : true,
  };
  if (isIntact) delete event.damaged;
  return event as AuditEvent;
}

const REQUIRED_TEXTS = ['event_type', 'region', 'request_id'];
const OPTIONAL_TEXTS = ['provider', 'user_id', 'ip_address', 'user_agent', 'error_message', 'token_sha256'];

/** From the key, which nobody can edit; undefined where a read left it out. */
function placeOf(item: AuditItem): { timestamp: string; id: string } | undefined {
  const key = item['event_key']?.S;
  const hash = key?.indexOf('#') ?? -1;
  return key === undefined || hash < 0 ? undefined : { timestamp: key.slice(0, hash), id: key.slice(hash + 1) };
}

/** As {@link readableOf}; undefined where a member is not of its type. A member that a newer release wrote is left out. */
function fromMetadataItem(value: AttributeValue | undefined): AuditMetadata | undefined {
  const readable = readableOf(value);
  const known = Object.keys(value?.M ?? {}).filter((name) => Object.hasOwn(METADATA_TYPES, name));
  return value?.M !== undefined && known.every((name) => Object.hasOwn(readable, name)) ? readable : undefined;
}

function readableOf(value: AttributeValue | undefined): AuditMetadata {
  const members = Object.entries(METADATA_TYPES).flatMap(([name, type]) => {
    const member = Object.hasOwn(value?.M ?? {}, name) ? value?.M?.[name] : undefined;
    const read = type === 'text' ? member?.S : countOf(member);
    return read === undefined ? [] : [[name, read]];
  });
  return Object.fromEntries(members) as AuditMetadata;
}

function countOf(value: AttributeValue | undefined): number | undefined {
  const number = value?.N === undefined ? undefined : exactNumber(value.N);
  return isCount(number, 0) ? number : undefined;
}
