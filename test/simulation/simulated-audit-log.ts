import type { AuditEvent } from '../../lambdas/core/domain/audit-event';
import type { AuditQuery, AuditReader, AuditSink } from '../../lambdas/core/ports/audit-log';
import type { OpenIntents } from '../../lambdas/core/ports/open-intents';
import { auditUnavailable, storeUnavailable } from './no-answer';
import type { SimulatedProcess } from './simulated-process';
import type { SimulatedTables } from './simulated-tables';

/** The audit log of a process' own region. */
export function auditLog(process: SimulatedProcess, tables: SimulatedTables): AuditSink & AuditReader & OpenIntents {
  const { region } = process;
  const read = <T>(what: string, take: () => T): Promise<T> =>
    process.call(region, `audit.${what}`, take, storeUnavailable);
  const events = (): readonly AuditEvent[] => [...tables.audit.entries(region)].map(([, event]) => event);
  return {
    append: (event) =>
      process.call(
        region,
        `audit.append ${event.metadata.operation ?? event.event_type} ${event.metadata.phase ?? ''}`,
        () => {
          if (tables.audit.get(region, event.id) === undefined) tables.audit.write(region, event.id, event);
        },
        auditUnavailable,
      ),
    query: (query) =>
      read('query', () => ({
        events: events()
          .filter((event) => isAskedFor(event, query))
          .slice(0, query.limit),
      })),
    wasUsed: (provider) =>
      read(
        `used ${provider}`,
        () =>
          tables.used.has(provider) || events().some((event) => event.provider === provider && event.success === true),
      ),
    markUsed: (provider) => read(`mark ${provider}`, () => void tables.used.add(provider)),
    find: (provider, from, to) => read(`intents ${provider ?? '-'}`, () => openIntents(events(), provider, from, to)),
  };
}

/** Announced changes without an outcome. */
export function openIntents(
  events: Iterable<AuditEvent>,
  provider: string | null,
  from: string,
  to: string,
): readonly AuditEvent[] {
  const closed = new Set<string | undefined>();
  const announced: AuditEvent[] = [];
  for (const event of events) {
    if (event.metadata.phase === 'outcome') closed.add(event.metadata.write_id);
    const isInRange = event.timestamp >= from && event.timestamp <= to;
    if (event.metadata.phase === 'intent' && event.provider === provider && isInRange) announced.push(event);
  }
  return announced.filter(({ metadata }) => !closed.has(metadata.write_id));
}

const isAskedFor = (event: AuditEvent, query: AuditQuery): boolean =>
  event.timestamp >= query.from &&
  event.timestamp <= query.to &&
  (query.provider === undefined || event.provider === query.provider) &&
  (query.event_type === undefined || event.event_type === query.event_type);
