import { createHash, randomBytes } from 'node:crypto';
import { newAuditEvent, type AuditEvent } from '../../lambdas/core/audit/audit-event';
import type { AuditRecord } from '../../lambdas/core/audit/audit-record';
import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';

/** An event with every member. */
export const auditEvent = (change: Partial<AuditEvent> = {}): AuditEvent => ({
  ...newAuditEvent({
    id: randomBytes(16).toString('hex'),
    timestamp: '2026-11-21T09:00:00.000Z',
    event_type: 'decrypt',
    provider: 'openai',
    user_id: 'arn:aws:iam::000000000000:user/tester',
    ip_address: '192.0.2.1',
    user_agent: 'test/1.0',
    success: true,
    region: 'us-east-1',
    request_id: randomBytes(16).toString('hex'),
    key_version: 3,
    token_sha256: randomBytes(32).toString('hex'),
    metadata: { operation: 'decrypt' },
  }),
  ...change,
});

/** The record of an event: its nonce follows from its id, so that every append of an event has the same. */
export const recordOf = (event: AuditEvent): AuditRecord => ({
  ...event,
  nonce: createHash('sha256').update(event.id).digest('base64'),
});

/** Appends events at once. */
export async function appendAll({ sink }: { readonly sink: AuditSink }, events: readonly AuditEvent[]): Promise<void> {
  await Promise.all(events.map((event) => sink.append(recordOf(event))));
}

/** The order of the log: newest first, by timestamp, then id. */
export const newestFirst = (a: AuditEvent, b: AuditEvent): number =>
  `${a.timestamp}#${a.id}` < `${b.timestamp}#${b.id}` ? 1 : -1;
