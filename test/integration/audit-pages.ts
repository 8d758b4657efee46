import type { AuditEvent } from '../../lambdas/core/audit/audit-event';

/** Sends one request and returns the reply's body. */
export type Ask = (method: string, path: string) => Promise<{ readonly body: Record<string, unknown> }>;

/** All events that a query finds, from all pages, newest first. */
export async function allAuditEvents(ask: Ask, query: string): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${cursor}`;
    const { body } = await ask('GET', `/v1/audit/events?${query}&limit=500${more}`);
    events.push(...(body['events'] as AuditEvent[]));
    cursor = body['next_cursor'] as string | undefined;
  } while (cursor !== undefined);
  return events;
}

/** The number of intents of an operation's changes, and their outcomes. */
export function changesOf(events: readonly AuditEvent[], operation: string) {
  const ours = events.filter(({ metadata }) => metadata.operation === operation);
  const announced = new Set(
    ours.flatMap(({ metadata: { phase, write_id } }) => (phase === 'intent' ? [write_id] : [])),
  );
  const outcomes = ours.filter(({ metadata: { phase } }) => phase === 'outcome');
  const closed = new Set(outcomes.map(({ metadata }) => metadata.write_id));
  return {
    announced: announced.size,
    open: [...announced].filter((id) => !closed.has(id)).length,
    outcomes: outcomes.map(({ metadata }) => metadata.outcome),
    written: outcomes.filter(({ metadata }) => metadata.outcome === 'written'),
  };
}
