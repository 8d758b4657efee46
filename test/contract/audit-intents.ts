import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { auditEvent, newestFirst } from './audit-events';
import { newWriteId } from './random-name';

const at = (time: number): string => new Date(time).toISOString();

/** The intent of a change. */
export const intent = (provider: string | null, time: number, change: Partial<AuditEvent> = {}): AuditEvent =>
  auditEvent({
    provider,
    timestamp: at(time),
    event_type: 'config_change',
    success: null,
    metadata: { operation: 'put_credential', phase: 'intent', write_id: newWriteId(), revision: 3 },
    ...change,
  });

/** The outcome of a change. */
export const outcomeOf = (
  event: AuditEvent,
  time: number,
  outcome: 'written' | 'refused' | 'unknown' = 'written',
): AuditEvent =>
  auditEvent({
    provider: event.provider,
    timestamp: at(time),
    event_type: event.event_type,
    metadata: { ...event.metadata, phase: 'outcome', outcome },
  });

export const oldestFirst = (events: readonly AuditEvent[]): AuditEvent[] => [...events].sort(newestFirst).reverse();
