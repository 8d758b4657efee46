import * as z from 'zod/mini';
import { count, time } from '../../http/reply-values';
import { AUDIT_EVENT_TYPES } from '../../contract/audit-event-types';
import { AUDIT_FIELDS, AUDIT_METADATA, type AuditValueKind } from '../audit-event';

const valueOf = (kind: AuditValueKind): z.ZodMiniType => {
  if (kind === 'count') return count;
  if (kind === 'time') return time;
  // A list of texts is a string here: a page must not fail on a value of a newer release.
  return kind === 'flag' ? z.boolean() : z.string();
};

const metadata = Object.entries<AuditValueKind>(AUDIT_METADATA).map(([name, kind]) => [
  name,
  z.optional(valueOf(kind)),
]);

const fields = Object.entries<{ kind: AuditValueKind; nullable?: true }>(AUDIT_FIELDS).map(
  ([name, { kind, nullable }]) => [name, nullable ? z.nullable(valueOf(kind)) : valueOf(kind)],
);

/** Schema of an event in a reply: every member that an event may have. */
export const auditEvent = z.object({
  ...(Object.fromEntries(fields) as Record<keyof typeof AUDIT_FIELDS, z.ZodMiniType>),
  event_type: z.string().check(z.meta({ examples: [...AUDIT_EVENT_TYPES] })),
  metadata: z.object(Object.fromEntries(metadata) as Record<keyof typeof AUDIT_METADATA, z.ZodMiniType>),
  damaged: z.optional(
    z.literal(true).check(z.meta({ description: 'The row was edited: lost members are null, empty or left out.' })),
  ),
});
