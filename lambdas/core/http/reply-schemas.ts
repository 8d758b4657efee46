import * as z from 'zod/mini';
import { AUDIT_EVENT_TYPES, AUDIT_FIELDS, AUDIT_METADATA, type AuditValueKind } from '../audit/audit-event';

/**
 * What the API sends. A reply is cut to its schema before it leaves, so that a member that is in no schema, such as a
 * wrapped key in a record, cannot slip out.
 */
const count = z.int().check(z.minimum(0));
const time = z.string().check(z.meta({ format: 'date-time' }));
const nullableText = z.nullable(z.string());

const sealed = { ciphertext: z.string(), provider: z.string(), key_version: count };
const opened = {
  plaintext: z.string(),
  provider: z.string(),
  key_version: count,
  rewrap_recommended: z
    .boolean()
    .check(z.meta({ description: 'The token is not under the primary version: rewrap it before that is retired.' })),
};

export const failure = z.object({ code: z.string(), status: z.int(), detail: z.string() });

/** Results in the order of the items, each with the item's reference. */
const resultsOf = <S extends z.core.$ZodShape>(shape: S) => {
  const reference = z.optional(z.string());
  return z.object({
    results: z.array(z.union([z.object({ reference, ...shape }), z.object({ reference, error: failure })])),
  });
};

const shownCredential = {
  provider: z.string(),
  name: z.string(),
  hint: z.string().check(z.meta({ description: 'At most the last 4 characters of the key.' })),
  key_version: count,
  revision: count,
  metadata: z.record(z.string(), z.unknown()),
  created_at: time,
  updated_at: time,
};

const nextCursor = z.optional(
  z.string().check(z.meta({ description: 'Present where there may be more: `cursor` of the next page.' })),
);

export const sealedReply = z.object(sealed);
export const openedReply = z.object(opened);
export const sealedBatchReply = resultsOf(sealed);
export const openedBatchReply = resultsOf(opened);

export const credentialReply = z.object(shownCredential);
export const revealedReply = z.object({ ...shownCredential, api_key: z.string() });
export const credentialListReply = z.object({
  credentials: z.array(credentialReply),
  damaged: z.optional(
    z
      .array(z.string())
      .check(
        z.meta({ description: 'Names on this page whose rows somebody has edited; present where there are any.' }),
      ),
  ),
  next_cursor: nextCursor,
});

const rotationPolicy = z.object({
  enabled: z.boolean(),
  interval_days: count,
  grace_period_days: count,
  next_rotation_at: time,
  last_rotation_at: z.nullable(time),
});

const versionState = z.enum(['pending', 'primary', 'decrypt_only', 'rewrap_only', 'destroyed']);
const destruction = z.object({
  scheduled_at: time,
  not_before: time.check(z.meta({ description: 'The end of the window in which it can be cancelled.' })),
});
const shownVersion = {
  version: count,
  state: versionState,
  created_at: time,
  promoted_at: z.optional(time),
  superseded_at: z.optional(time),
  grace_until: z.optional(time),
  retired_at: z.optional(time),
  unreferenced_since: z.optional(time),
  destroyed_at: z.optional(time),
};

export const keysetReply = z.object({
  provider: z.string(),
  revision: count,
  kek_id: z.string(),
  primary_version: count,
  versions: z.array(z.object({ ...shownVersion, destruction: z.optional(destruction) })),
  dek_created_at: time,
  dek_rotation_count: count,
  rotation_policy: rotationPolicy,
  rotation: z.optional(
    z
      .object({ rotation_id: z.string(), phase: z.enum(['publishing', 'rekeying']), version: count })
      .check(z.meta({ description: 'The rotation that is running.' })),
  ),
});
export const keysetListReply = z.object({
  providers: z.array(keysetReply),
  damaged: z.optional(
    z.array(z.string()).check(z.meta({ description: 'Providers whose records somebody has edited.' })),
  ),
});

const auditValue = (kind: AuditValueKind): z.ZodMiniType => {
  if (kind === 'count') return count;
  if (kind === 'time') return time;
  // One of some texts is a text here, because a page must not fail on one that a newer release wrote.
  return kind === 'flag' ? z.boolean() : z.string();
};
const auditMetadata = Object.entries<AuditValueKind>(AUDIT_METADATA).map(([name, kind]) => [
  name,
  z.optional(auditValue(kind)),
]);
const auditFields = Object.entries<{ kind: AuditValueKind; nullable?: true }>(AUDIT_FIELDS).map(
  ([name, { kind, nullable }]) => [name, nullable ? z.nullable(auditValue(kind)) : auditValue(kind)],
);
const auditEvent = z.object({
  ...(Object.fromEntries(auditFields) as Record<keyof typeof AUDIT_FIELDS, z.ZodMiniType>),
  event_type: z.string().check(z.meta({ examples: [...AUDIT_EVENT_TYPES] })),
  metadata: z.object(Object.fromEntries(auditMetadata) as Record<keyof typeof AUDIT_METADATA, z.ZodMiniType>),
  damaged: z.optional(
    z.literal(true).check(z.meta({ description: 'Somebody has edited the row: what is shown is what is left.' })),
  ),
});
export const auditPageReply = z.object({ events: z.array(auditEvent), next_cursor: nextCursor });

export const rotationPolicyReply = z.object({ provider: z.string(), rotation_policy: rotationPolicy });

export const rotationReply = z.object({
  rotation_id: z.string(),
  provider: z.string(),
  status: z.enum(['publishing', 'rekeying', 'completed', 'completed_with_failures', 'aborted', 'superseded']),
  version: count,
  from_version: count,
  emergency: z.boolean(),
  reason: nullableText,
  started_by: z.string(),
  started_at: time,
  takeover: z
    .nullable(z.object({ by: z.string(), at: time, reason: nullableText }))
    .check(z.meta({ description: 'Who made it an emergency while it was running.' })),
  promoted_at: z.nullable(time),
  grace_until: z.nullable(time),
  ended_at: z.nullable(time),
  regions: z.array(z.object({ region: z.string(), proved_at: z.nullable(time), acknowledged_at: z.nullable(time) })),
  unproved_regions: z
    .array(z.string())
    .check(z.meta({ description: 'Had not proved the new version when it was promoted.' })),
  counts: z.object({
    total: count,
    moved: count,
    skipped: count,
    failed: count,
    shards: count,
    shards_verified: count,
  }),
  moved_per_second: z.nullable(z.number()),
  estimated_seconds_left: z.nullable(count),
  failures: z
    .array(z.string())
    .check(z.meta({ description: 'Names of credentials that do not open; of many, the first ones.' })),
});
export const rotationListReply = z.object({
  rotations: z.array(rotationReply),
  damaged: z.optional(
    z.array(z.string()).check(z.meta({ description: 'Ids on this page whose reports somebody has edited.' })),
  ),
  next_cursor: nextCursor,
});

export const censusReply = z.object({
  provider: z.string(),
  dry_run: z.literal(true),
  from_version: count,
  to_version: count,
  credentials: count,
  by_version: z.array(z.object({ key_version: count, credentials: count })),
  undecryptable: z.array(z.string()).check(z.meta({ description: 'Names of credentials that do not open.' })),
  would_move: count,
  estimated_seconds: count,
  running_rotation_id: z.optional(z.string()),
  next_cursor: z.optional(
    z.string().check(z.meta({ description: 'Present where there is more to count: `cursor` of the next part.' })),
  ),
});
/** A rotation that was started, or what one would find. */
export const rotateReply = z.union([rotationReply, censusReply]);

export const versionDestructionReply = z.object({
  provider: z.string(),
  ...shownVersion,
  destruction: z.nullable(destruction),
  destroyable_at: z
    .nullable(time)
    .check(z.meta({ description: 'When the window is over and no restorable copy needs the version any more.' })),
});

export const versionCallersReply = z.object({
  provider: z.string(),
  version: count,
  state: versionState,
  grace_until: z.nullable(time),
  from: time,
  callers: z.array(z.object({ user_id: z.string(), uses: count, last_used_at: time })),
  complete: z.boolean().check(z.meta({ description: 'False where the log was longer than one call reads.' })),
});

export const healthReply = z.object({ status: z.literal('ok') });
export const readinessReply = z.object({
  ready: z.boolean(),
  providers: z.array(z.object({ provider: z.string(), ready: z.boolean(), code: z.optional(z.string()) })),
  audit: z.boolean(),
  dek_cache: z.object({ hits: count, misses: count }),
});
