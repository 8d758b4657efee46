import * as z from 'zod/mini';
import { cursorText } from '../../http/cursor-text';
import { count, nextCursor, nullableText, time } from '../../http/reply-values';
import { optionalMember } from '../../http/request-values';
import { DEK_ROTATION_STATUSES } from '../dek-rotation-report';
import { reason } from './reason-schema';

export const ROTATION_REQUESTS = {
  RotateRequest: z
    .strictObject({
      dry_run: optionalMember(
        z
          .boolean()
          .check(z.meta({ description: 'Dry run: counts and opens the stored credentials, and changes nothing.' })),
      ),
      reason: optionalMember(reason),
      emergency: optionalMember(
        z
          .boolean()
          .check(
            z.meta({ description: 'For a leaked DEK: promotes at once; tokens of older versions no longer decrypt.' }),
          ),
      ),
      cursor: optionalMember(cursorText('The `next_cursor` of the previous part; for a dry run alone.')),
    })
    .check(
      z.refine(({ dry_run: dryRun, cursor }) => cursor === undefined || dryRun === true, {
        path: ['cursor'],
        error: 'is allowed for a dry run alone',
      }),
    ),
  AbortRotationRequest: z.strictObject({ reason: optionalMember(reason) }),
};

const rotation = z.object({
  rotation_id: z.string(),
  provider: z.string(),
  status: z.enum(DEK_ROTATION_STATUSES),
  version: count,
  from_version: count,
  emergency: z.boolean(),
  reason: nullableText,
  started_by: z.string(),
  started_at: time,
  takeover: z
    .nullable(z.object({ by: z.string(), at: time, reason: nullableText }))
    .check(z.meta({ description: 'Who escalated it to an emergency while it was running.' })),
  promoted_at: z.nullable(time),
  grace_until: z.nullable(time),
  ended_at: z.nullable(time),
  regions: z.array(z.object({ region: z.string(), proved_at: z.nullable(time), acknowledged_at: z.nullable(time) })),
  unproved_regions: z
    .array(z.string())
    .check(z.meta({ description: 'Regions that had not proved the new version when it was promoted.' })),
  counts: z.object({
    total: count,
    moved: count,
    skipped: count,
    failed: count,
    shards: count,
    shards_begun: count,
    shards_verified: count,
  }),
  moved_per_second: z.nullable(z.number()),
  estimated_seconds_left: z.nullable(count).check(
    z.meta({
      description: 'Estimated seconds until everything is rekeyed and the verification can begin; null if unknown.',
    }),
  ),
  failures: z
    .array(z.string())
    .check(z.meta({ description: 'Names of credentials that do not open; at most the first ones.' })),
  previous_failures: z
    .array(z.string())
    .check(z.meta({ description: 'Names of credentials whose previous value does not open; at most the first ones.' })),
});

const dryRun = z.object({
  provider: z.string(),
  dry_run: z.literal(true),
  from_version: count,
  to_version: count,
  credentials: count,
  previous_values: count,
  by_version: z.array(z.object({ key_version: count, credentials: count, previous_values: count })),
  undecryptable: z.array(z.string()).check(z.meta({ description: 'Names of credentials that do not open.' })),
  undecryptable_previous: z
    .array(z.string())
    .check(z.meta({ description: 'Names of credentials whose previous value does not open.' })),
  would_move: count.check(z.meta({ description: 'Values, previous ones included.' })),
  estimated_seconds: count,
  running_rotation_id: z.optional(z.string()),
  next_cursor: z.optional(
    z.string().check(z.meta({ description: 'The `cursor` of the next part. Present if there is more to count.' })),
  ),
});

export const ROTATION_REPLIES = {
  Rotation: rotation,
  RotationPage: z.object({
    rotations: z.array(rotation),
    damaged: z.optional(
      z.array(z.string()).check(z.meta({ description: 'Ids on this page whose reports were edited.' })),
    ),
    next_cursor: nextCursor,
  }),
  DryRun: dryRun,
  /** A started rotation, or the result of a dry run. */
  RotationOrDryRun: z.union([rotation, dryRun]),
};

export const EXAMPLE_ROTATION = {
  rotation_id: '019a2f6b1c4000112233445566778899',
  provider: 'openai',
  status: 'rekeying',
  version: 4,
  from_version: 3,
  emergency: false,
  reason: 'a laptop was lost',
  started_by: 'arn:aws:iam::111122223333:user/example',
  started_at: '2026-11-21T08:00:00.000Z',
  promoted_at: '2026-11-21T08:01:03.000Z',
  grace_until: '2026-11-28T08:01:04.000Z',
  ended_at: null,
  regions: [
    { region: 'us-east-1', proved_at: '2026-11-21T08:01:03.000Z', acknowledged_at: '2026-11-21T08:01:04.000Z' },
    { region: 'eu-west-1', proved_at: '2026-11-21T08:01:03.000Z', acknowledged_at: '2026-11-21T08:01:04.000Z' },
  ],
  takeover: null,
  unproved_regions: [],
  counts: { total: 1000, moved: 400, skipped: 20, failed: 0, shards: 16, shards_begun: 16, shards_verified: 0 },
  moved_per_second: 200,
  estimated_seconds_left: 119,
  failures: [],
  previous_failures: [],
};

export const EXAMPLE_ABORTED = {
  ...EXAMPLE_ROTATION,
  status: 'aborted',
  promoted_at: null,
  grace_until: null,
  ended_at: '2026-11-21T08:00:30.000Z',
  counts: { total: 0, moved: 0, skipped: 0, failed: 0, shards: 16, shards_begun: 0, shards_verified: 0 },
  moved_per_second: null,
  estimated_seconds_left: null,
};
