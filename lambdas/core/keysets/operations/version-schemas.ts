import * as z from 'zod/mini';
import { count, time } from '../../http/reply-values';
import { DEK_VERSION_STATES } from '../keyset-record';

/** Schemas of DEK versions and rotation policies, for replies of several areas. */
export const versionState = z.enum(DEK_VERSION_STATES);

export const destruction = z.object({
  scheduled_at: time,
  not_before: time.check(z.meta({ description: 'The end of the window in which it can be cancelled.' })),
});

export const shownVersion = {
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

export const dekRotationPolicy = z.object({
  enabled: z.boolean(),
  interval_days: count,
  grace_period_days: count,
  next_rotation_at: time,
  last_rotation_at: z.nullable(time),
});

export const EXAMPLE_POLICY = {
  enabled: true,
  interval_days: 90,
  grace_period_days: 7,
  next_rotation_at: '2027-01-28T08:00:00.000Z',
  last_rotation_at: '2026-10-30T08:00:00.000Z',
};
