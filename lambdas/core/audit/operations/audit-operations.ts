import * as z from 'zod/mini';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { queryFrom } from '../../http/query-time';
import { count, nextCursor, time } from '../../http/reply-values';
import { versionState } from '../../keysets/operations/version-schemas';
import { NO_EVENT, type DescribeAuditEvent, type QueryAuditEvents } from '../read-audit-log';
import type { ListVersionCallers } from '../version-callers';
import { newAuditEvent } from '../audit-event';
import { auditEvent } from './audit-event-schema';
import { EVIDENCE_OPERATIONS, EVIDENCE_REPLIES } from './evidence-operations';
import { auditCursorOf, toAuditQuery } from './audit-paging';
import { auditQuery } from './audit-query-schema';
import { eventId, eventTime, EXAMPLE_EVENT_ID } from './event-id';

export const AUDIT_REPLIES = {
  VersionCallers: z.object({
    provider: z.string(),
    version: count,
    state: versionState,
    grace_until: z.nullable(time),
    from: time,
    callers: z.array(z.object({ user_id: z.string(), uses: count, last_used_at: time })),
    complete: z.boolean().check(z.meta({ description: 'False if the log was longer than one call reads.' })),
  }),
  AuditEvent: auditEvent,
  AuditPage: z.object({ events: z.array(auditEvent), next_cursor: nextCursor }),
  ...EVIDENCE_REPLIES,
};

const user = 'arn:aws:iam::111122223333:user/example';
const example = newAuditEvent({
  id: EXAMPLE_EVENT_ID,
  timestamp: '2026-11-21T08:00:01.250Z',
  event_type: 'decrypt',
  provider: 'openai',
  user_id: user,
  ip_address: '192.0.2.10',
  user_agent: 'curl/8.10.1',
  success: true,
  region: 'us-east-1',
  request_id: 'example-request-id',
  key_version: 3,
  token_sha256: '0'.repeat(64),
  metadata: { operation: 'decrypt' },
});

export const AUDIT_OPERATIONS = {
  listVersionCallers: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/versions/{version}/callers',
    function: 'audit',
    // Operators who rotate need to know who still presents an old version.
    grant: 'rotations',
    summary: 'List the callers that still present tokens of a version, from the audit log',
    description:
      'Use it in the grace period of a version and before its destruction: these callers have to `rewrap` the tokens that they keep. Without `from` the search begins when the version was superseded. If the log is longer than one call reads, `complete` is false.',
    query: z.strictObject({ from: z.optional(queryFrom) }),
    reply: AUDIT_REPLIES.VersionCallers,
    example: {
      reply: {
        provider: 'openai',
        version: 2,
        state: 'decrypt_only',
        grace_until: '2026-11-06T08:01:04.000Z',
        from: '2026-10-30T08:01:03.000Z',
        callers: [{ user_id: user, uses: 12, last_used_at: '2026-11-01T08:00:01.250Z' }],
        complete: true,
      },
    },
    handle: async (
      { caller, parameters: { provider, version }, query: { from } },
      { application }: Runtime<{ readonly listVersionCallers: ListVersionCallers }>,
    ) => {
      const since = from === undefined ? {} : { from };
      return {
        status: 200,
        body: await application.listVersionCallers(caller, { provider, version: Number(version), ...since }),
      };
    },
  }),
  queryAuditEvents: defineOperation({
    method: 'GET',
    path: '/v1/audit/events',
    function: 'audit',
    grant: 'audit',
    summary: 'Read the audit log, newest first; by default the last 7 days',
    description:
      'Returns every use of a key, every change and every refusal, with caller and address, and every read of the audit log, this one from the next read on. Events must match all parameters. A page may have fewer events than `limit`, even none: while the reply has `next_cursor`, send the same parameters with it.',
    query: auditQuery,
    reply: AUDIT_REPLIES.AuditPage,
    example: { reply: { events: [example] } },
    handle: async (
      { caller, query: parameters },
      { application, clock }: Runtime<{ readonly queryAuditEvents: QueryAuditEvents }>,
    ) => {
      const query = toAuditQuery(parameters, clock.now());
      const { events, next } = await application.queryAuditEvents(caller, query);
      return { status: 200, body: { events, ...(next !== undefined && { next_cursor: auditCursorOf(query, next) }) } };
    },
  }),
  describeAuditEvent: defineOperation({
    method: 'GET',
    path: '/v1/audit/events/{id}',
    parameters: { id: eventId },
    function: 'audit',
    grant: 'audit',
    summary: 'Read one event of the audit log by its id',
    description:
      'An id begins with the time of its event. Ids of earlier releases do not: send the time of such an event as `timestamp`.',
    query: z.strictObject({ timestamp: eventTime }),
    reply: AUDIT_REPLIES.AuditEvent,
    problems: { audit_event_not_found: NO_EVENT },
    example: { reply: example },
    handle: async (
      { caller, parameters: { id }, query: { timestamp } },
      { application }: Runtime<{ readonly describeAuditEvent: DescribeAuditEvent }>,
    ) => ({
      status: 200,
      body: await application.describeAuditEvent(caller, { id, ...(timestamp !== undefined && { timestamp }) }),
    }),
  }),
  ...EVIDENCE_OPERATIONS,
} satisfies OperationsOf<'audit'>;
