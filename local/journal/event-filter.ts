import { CREDENTIAL_NAME_PATTERN } from '../../lambdas/core/contract/names';
import { credentialShardNumber } from '../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import type { AuditQuery } from '../../lambdas/core/audit/ports/audit-log';

/** A filter of events, without their time. */
export interface EventFilter {
  /** A line that lacks all needles of one list does not match. Holds only for lines as the journal writes them. */
  readonly needles: readonly (readonly Buffer[])[];
  readonly matches: (event: AuditEvent) => boolean;
}

/** Returns the filter of a query. A lost or null member equals only null. */
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
  // Without the closing quote.
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

/** Matches events that name a credential, and rekeys of a range of names that contains it. */
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

/** Returns a filter for the events of changes: one phase of them, or both. A provider, or null for events without one. */
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

/** The member as a line has it. Within a text of the line its quotes would be escaped. */
const member = (name: string, value: string | number | boolean | null): string => `"${name}":${JSON.stringify(value)}`;
