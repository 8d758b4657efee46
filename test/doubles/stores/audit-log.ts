import { credentialShardNumber } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { CREDENTIAL_NAME_PATTERN } from '../../../lambdas/core/contract/names';
import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { AuditPosition, AuditQuery, AuditReader, AuditSink } from '../../../lambdas/core/audit/ports/audit-log';
import type { OpenIntents } from '../../../lambdas/core/audit/ports/open-intents';
import { asStored } from './as-stored';
import type { Table } from './table';

/** The key of an event; no key is written twice. */
export const auditKey = ({ provider, timestamp, id }: AuditEvent): string => `${provider ?? '-'} ${timestamp} ${id}`;

/**
 * An audit log in one region's table.
 *
 * @param used the providers that were marked as in use
 */
export function auditLog(table: Table<AuditEvent>, used: Set<string>): AuditSink & AuditReader & OpenIntents {
  const read = <T>(what: string, take: (events: readonly AuditEvent[]) => T): Promise<T> =>
    table.read(what, (rows) => take(Array.from(rows.entries(), ([, event]) => event)));
  return {
    append: async ({ nonce: _, ...event }) => {
      const { operation, phase } = event.metadata;
      try {
        await table.write(`append ${operation ?? event.event_type} ${phase ?? ''}`, (rows) => {
          const key = auditKey(event);
          if (rows.get(key) === undefined) rows.set(key, asStored(event));
        });
      } catch (thrown) {
        const outside = thrown instanceof KeywardError ? thrown.outside : undefined;
        throw new KeywardError('audit_unavailable', 'the audit log does not answer', undefined, outside);
      }
    },
    query: (query) =>
      read('query', (all) => {
        const found = all.filter((event) => isAskedFor(event, query)).sort(newestFirst);
        const events = found.slice(0, query.limit);
        const last = found.length > events.length ? events.at(-1) : undefined;
        return { events, ...(last !== undefined && { next: { timestamp: last.timestamp, id: last.id } }) };
      }),
    get: ({ timestamp, id }) =>
      read(`get ${id}`, (all) => all.find((event) => event.id === id && event.timestamp === timestamp)),
    wasUsed: (provider) =>
      read(
        `used ${provider}`,
        (all) => used.has(provider) || all.some((event) => event.provider === provider && event.success === true),
      ),
    markUsed: (provider) => table.write(`mark ${provider}`, () => void used.add(provider)),
    find: (provider, from, to) => read(`intents ${provider ?? '-'}`, (all) => openIntents(all, provider, from, to)),
  };
}

/** Intents without an outcome. */
export function openIntents(
  events: Iterable<AuditEvent>,
  provider: string | null,
  from: string,
  to: string,
): readonly AuditEvent[] {
  const closed = new Set<string>();
  const announced: AuditEvent[] = [];
  for (const event of events) {
    const { phase, write_id: writeId } = event.metadata;
    if (event.provider !== provider || writeId === undefined) continue;
    if (phase === 'outcome') closed.add(writeId);
    else if (phase === 'intent' && event.timestamp >= from && event.timestamp <= to) announced.push(event);
  }
  return announced.filter(({ metadata }) => !closed.has(metadata.write_id!));
}

const position = ({ timestamp, id }: AuditPosition): string => `${timestamp}#${id}`;

const newestFirst = (a: AuditEvent, b: AuditEvent): number => (position(a) < position(b) ? 1 : -1);

const isAskedFor = (event: AuditEvent, query: AuditQuery): boolean =>
  event.timestamp >= query.from &&
  event.timestamp <= query.to &&
  (query.before === undefined || position(event) < position(query.before)) &&
  (query.provider === undefined || event.provider === query.provider) &&
  (query.user_id === undefined || event.user_id === query.user_id) &&
  (query.user_prefix === undefined || event.user_id?.startsWith(query.user_prefix) === true) &&
  (query.event_type === undefined || event.event_type === query.event_type) &&
  (query.success === undefined || event.success === query.success) &&
  (query.key_version === undefined || event.key_version === query.key_version) &&
  (query.request_id === undefined || event.request_id === query.request_id) &&
  (query.operation === undefined || event.metadata.operation === query.operation) &&
  (query.credential === undefined ||
    isAbout(event, query.credential) ||
    (query.credential_fingerprint !== undefined && event.metadata.credential === query.credential_fingerprint));

/** Whether an event names a credential, or moves a range of names of a shard that contains it. */
function isAbout({ metadata }: AuditEvent, name: string): boolean {
  const { credential, shard, first_credential: first, last_credential: last } = metadata;
  if (credential === name) return true;
  const isInRange = first !== undefined && last !== undefined && first <= name && name <= last;
  return isInRange && CREDENTIAL_NAME_PATTERN.test(name) && shard === credentialShardNumber(name);
}
