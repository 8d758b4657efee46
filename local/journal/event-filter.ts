import { CREDENTIAL_NAME_PATTERN } from '../../lambdas/core/contract/names';
import { credentialShardNumber } from '../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import type { AuditQuery } from '../../lambdas/core/audit/ports/audit-log';

/** Which events are looked for, whatever their time. */
export interface EventFilter {
  /**
   * Of each list, a line has at least one, or its event is none of those. Only for lines as the journal writes them.
   */
  readonly needles: readonly (readonly Buffer[])[];
  readonly matches: (event: AuditEvent) => boolean;
}

/** The filters of a query: a member that is lost, or null, is equal to nothing but null. */
export function filterOf(query: AuditQuery): EventFilter {
  const { credential, credential_fingerprint: fingerprint, user_prefix: prefix } = query;
  const shard =
    credential !== undefined && CREDENTIAL_NAME_PATTERN.test(credential)
      ? credentialShardNumber(credential)
      : undefined;
  const lists: (readonly string[])[] = [];
  const wants = (
    name: 'request_id' | 'user_id' | 'operation' | 'key_version' | 'provider' | 'event_type' | 'success',
  ) => {
    if (query[name] !== undefined) lists.push([member(name, query[name])]);
  };
  wants('request_id');
  wants('user_id');
  // Without the quote at its end.
  if (prefix !== undefined) lists.push([member('user_id', prefix).slice(0, -1)]);
  if (credential !== undefined) {
    lists.push([
      member('credential', credential),
      ...(fingerprint === undefined ? [] : [member('credential', fingerprint)]),
      ...(shard === undefined ? [] : [member('shard', shard)]),
    ]);
  }
  wants('operation');
  wants('key_version');
  wants('provider');
  wants('event_type');
  wants('success');
  return {
    needles: lists.map((list) => list.map((text) => Buffer.from(text, 'utf8'))),
    matches: (event) =>
      EQUALS.every((name) => query[name] === undefined || event[name] === query[name]) &&
      (query.operation === undefined || event.metadata.operation === query.operation) &&
      (prefix === undefined || event.user_id?.startsWith(prefix) === true) &&
      (credential === undefined || isAbout(event, credential, fingerprint, shard)),
  };
}

const EQUALS = ['provider', 'user_id', 'event_type', 'success', 'key_version', 'request_id'] as const;

/** What names a credential, and the moves of a rotation in whose range it lies. */
function isAbout(
  { metadata }: AuditEvent,
  credential: string,
  fingerprint: string | undefined,
  shard: number | undefined,
): boolean {
  const { credential: named, shard: moved, first_credential: first, last_credential: last } = metadata;
  if (named !== undefined && (named === credential || named === fingerprint)) return true;
  if (shard === undefined || moved !== shard || first === undefined || last === undefined) return false;
  return first <= credential && credential <= last;
}

/** The events of changes: one phase of them, or both. A provider, or null for events that name none. */
export function changesOf(provider: string | null, phase: 'outcome' | 'both'): EventFilter {
  const phases = phase === 'both' ? ['intent', 'outcome'] : ['outcome'];
  return {
    needles: [phases.map((each) => member('phase', each)), [member('provider', provider)]].map((list) =>
      list.map((text) => Buffer.from(text, 'utf8')),
    ),
    matches: (event) =>
      event.provider === provider &&
      event.metadata.write_id !== undefined &&
      phases.includes(event.metadata.phase ?? ''),
  };
}

/** As a line has it. Within a text of the line its quotes would be escaped. */
const member = (name: string, value: string | number | boolean | null): string => `"${name}":${JSON.stringify(value)}`;
