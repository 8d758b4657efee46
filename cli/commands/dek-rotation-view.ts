import * as z from 'zod/mini';
import { DEK_ROTATION_ID_PATTERN } from '../../lambdas/core/contract/names';
import { CliError, EXIT } from '../io/cli-error';
import type { JsonObject } from '../client/json-object';

const count = z.number().check(z.nonnegative());
const optionalText = z.nullable(z.string());

/** The members of a rotation that the command line uses; a newer service may have more. */
const rotation = z.object({
  rotation_id: z.string().check(z.regex(DEK_ROTATION_ID_PATTERN)),
  provider: z.string(),
  status: z.string(),
  version: count,
  from_version: count,
  emergency: z.boolean(),
  reason: optionalText,
  started_by: z.string(),
  started_at: z.string(),
  /** Absent from older services. */
  takeover: z.optional(z.nullable(z.object({ by: z.string(), at: z.string(), reason: optionalText }))),
  promoted_at: optionalText,
  grace_until: optionalText,
  ended_at: optionalText,
  regions: z.array(z.object({ region: z.string(), proved_at: optionalText, acknowledged_at: optionalText })),
  unproved_regions: z.array(z.string()),
  counts: z.object({
    total: count,
    moved: count,
    skipped: count,
    failed: count,
    shards: count,
    /** Absent from older services. */
    shards_begun: z.optional(count),
    shards_verified: count,
  }),
  moved_per_second: z.nullable(count),
  estimated_seconds_left: z.nullable(count),
  failures: z.array(z.string()),
  /** Absent from older services. */
  previous_failures: z.optional(z.array(z.string())),
});

/** A rotation as the API shows it. */
export type DekRotationView = z.infer<typeof rotation>;

/** @throws CliError if the reply is not a rotation */
export function readDekRotation(reply: JsonObject): DekRotationView {
  const { data } = rotation.safeParse(reply);
  if (data === undefined) {
    throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply does not seem to be about a rotation');
  }
  return data;
}

/** A rotation in rows of a name and a value, for a person. */
export function dekRotationRows(reply: JsonObject): readonly (readonly [string, unknown])[] {
  const view = readDekRotation(reply);
  const { counts, regions, unproved_regions: unproved } = view;
  return [
    ['rotation_id', view.rotation_id],
    ['provider', view.provider],
    ['status', view.status],
    ['version', `${view.version} (after ${view.from_version})`],
    ['emergency', view.emergency ? 'yes' : 'no'],
    ['reason', view.reason],
    ['started_by', view.started_by],
    ['started_at', view.started_at],
    ...escalationRows(view),
    ['promoted_at', view.promoted_at],
    ['grace_until', view.grace_until],
    ['ended_at', view.ended_at],
    ...regions.map(({ region, proved_at, acknowledged_at }): [string, string] => [
      'region',
      `${region}: ${proved_at === null ? 'has not proved the version' : `proved it ${proved_at}`}` +
        (acknowledged_at === null ? '' : `, acknowledged it ${acknowledged_at}`),
    ]),
    ...(unproved.length === 0 ? [] : [['promoted_without', unproved.join(', ')] as const]),
    ['total', counts.total],
    ['moved', counts.moved],
    ['skipped', counts.skipped],
    ['failed', counts.failed],
    ['shards_verified', `${counts.shards_verified} of ${counts.shards}`],
    ['moved_per_second', view.moved_per_second],
    ...view.failures.map((name) => ['does_not_decrypt', name] as const),
    ...(view.previous_failures ?? []).map((name) => ['previous_does_not_decrypt', name] as const),
  ];
}

/** About a running rotation that was made an emergency: its reason differs from the rotation's. */
const escalationRows = ({ takeover }: DekRotationView): readonly (readonly [string, unknown])[] =>
  takeover
    ? [
        ['emergency_by', takeover.by],
        ['emergency_at', takeover.at],
        ['emergency_reason', takeover.reason],
      ]
    : [];
