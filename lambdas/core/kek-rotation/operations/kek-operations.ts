import * as z from 'zod/mini';
import { OUTAGE_DETAILS } from '../../contract/problems';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { count, time } from '../../http/reply-values';
import { home, shownKekMove } from '../../kek-move/operations/kek-move-schemas';
import type { DescribeKek, KekView } from '../describe-kek';
import { TOO_MANY_KEKS, type RequestKekRotation } from '../request-kek-rotation';

export const KEK_REPLIES = {
  Kek: z.object({
    source: home,
    place: z.string().check(z.meta({ description: 'Name of the file or the secret, or the path in Vault.' })),
    version_id: z.string(),
    kek_id: z.string().check(z.meta({ description: 'The KEK that wraps.' })),
    kek_count: count.check(z.meta({ description: 'KEKs that are kept, with those that only unwrap.' })),
    created_at: time,
    age_days: count,
    interval_days: count,
    next_rotation_at: time,
    pending: z.nullable(
      z.object({ version_id: z.string(), tries: z.nullable(count), max_tries: z.nullable(count) }).check(
        z.meta({
          description:
            'The rotation that has not ended. `tries` is null where Secrets Manager drives it. After `max_tries` it is given up.',
        }),
      ),
    ),
    regions: z.array(
      z.object({
        region: z.string(),
        state: z
          .enum(['current', 'behind', 'no_answer'])
          .check(z.meta({ description: 'Whether the region returns the current version, or another one.' })),
      }),
    ),
    move: z.optional(
      z
        .object(shownKekMove)
        .check(z.meta({ description: 'The newest move of the KEK; left out if it was never moved.' })),
    ),
  }),
};

const EXAMPLE_KEK: KekView = {
  source: 'aws',
  place: 'keyward/prod/kek',
  version_id: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
  kek_id: 'kek-0123456789abcdef',
  kek_count: 2,
  created_at: '2026-10-30T08:00:00.000Z',
  age_days: 22,
  interval_days: 90,
  next_rotation_at: '2027-01-28T08:00:00.000Z',
  pending: null,
  regions: [
    { region: 'us-east-1', state: 'current' },
    { region: 'eu-west-1', state: 'current' },
  ],
};

const EXAMPLE_STARTED: KekView = {
  ...EXAMPLE_KEK,
  pending: { version_id: '5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a8b9', tries: null, max_tries: null },
};

export const KEK_OPERATIONS = {
  describeKek: defineOperation({
    method: 'GET',
    path: '/v1/kek',
    function: 'rotations',
    grant: 'kek',
    summary: 'Describe the KEK, without key material',
    description:
      'Returns where the KEK is, its version and age, when it is rotated next, the pending rotation, and which regions return the current version.',
    reply: KEK_REPLIES.Kek,
    example: { reply: EXAMPLE_KEK },
    handle: async (_, { application }: Runtime<{ readonly describeKek: DescribeKek }>) => ({
      status: 200,
      body: await application.describeKek(),
    }),
  }),
  rotateKek: defineOperation({
    method: 'POST',
    path: '/v1/kek/rotate',
    function: 'rotations',
    grant: 'kek',
    summary: 'Rotate the KEK now',
    description:
      'Starts a rotation, or goes on with a pending one, and answers 202. The rotation runs by itself: read the KEK until `version_id` is another one. If `pending` ends and `version_id` is as before, the rotation was given up.',
    reply: KEK_REPLIES.Kek,
    statuses: [202],
    problems: { conflict: TOO_MANY_KEKS, outcome_unknown: OUTAGE_DETAILS.outcomeUnknown },
    example: { reply: EXAMPLE_STARTED },
    handle: async ({ caller }, { application }: Runtime<{ readonly requestKekRotation: RequestKekRotation }>) => ({
      status: 202,
      body: await application.requestKekRotation(caller),
    }),
  }),
} satisfies OperationsOf<'rotations'>;
