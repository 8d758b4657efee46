import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AuditEvent, AuditMetadata } from '../../core/domain/audit-event';
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

/** The event that {@link toAuditItem} was given. */
export function fromAuditItem(item: AuditItem): AuditEvent {
  const text = (name: string): string | null => item[name]?.S ?? null;
  const keyVersion = item['key_version']?.N;
  const event: Record<keyof AuditEvent, unknown> = {
    id: text('id'),
    timestamp: text('timestamp'),
    event_type: text('event_type'),
    provider: text('provider'),
    user_id: text('user_id'),
    ip_address: text('ip_address'),
    user_agent: text('user_agent'),
    success: item['success']?.BOOL ?? null,
    error_message: text('error_message'),
    region: text('region'),
    request_id: text('request_id'),
    key_version: keyVersion === undefined ? null : Number(keyVersion),
    token_sha256: text('token_sha256'),
    metadata: fromMetadataItem(item['metadata']),
  };
  return event as AuditEvent;
}

const fromMetadataItem = (value: AttributeValue | undefined): AuditMetadata =>
  Object.fromEntries(Object.entries(value?.M ?? {}).map(([name, { S, N }]) => [name, N === undefined ? S : Number(N)]));
