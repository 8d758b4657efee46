import * as z from 'zod/mini';
import { MAX_WINDOW_DAYS, MIN_WINDOW_DAYS } from '../../contract/limits';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { time } from '../../http/reply-values';
import { optionalMember } from '../../http/request-values';
import { destruction, shownVersion } from '../../keysets/operations/version-schemas';
import type { DekRotationOperations } from '../create-dek-rotations';
import { NOT_RETIRED, NOT_SCHEDULED, VERSION_REFERENCED } from '../schedule-or-cancel-destruction';
import { keysetChanges } from './keyset-changes';
import { reason } from './reason-schema';

export const VERSION_REQUESTS = {
  ScheduleDestructionRequest: z.strictObject({
    pending_window_days: z
      .int()
      .check(
        z.minimum(MIN_WINDOW_DAYS),
        z.maximum(MAX_WINDOW_DAYS),
        z.meta({ description: 'Days in which the destruction can be cancelled.' }),
      ),
    reason: optionalMember(reason),
  }),
  CancelDestructionRequest: z.strictObject({ reason: optionalMember(reason) }),
};

export const VERSION_REPLIES = {
  KeyVersion: z.object({
    provider: z.string(),
    ...shownVersion,
    destruction: z.nullable(destruction),
    destroyable_at: z
      .nullable(time)
      .check(z.meta({ description: 'When the window is over and no restorable copy needs the version.' })),
  }),
};

const example = {
  provider: 'openai',
  version: 2,
  state: 'rewrap_only',
  created_at: '2026-08-01T08:00:00.000Z',
  superseded_at: '2026-10-30T08:01:03.000Z',
  grace_until: '2026-11-06T08:01:04.000Z',
  retired_at: '2026-11-06T09:00:00.000Z',
  unreferenced_since: '2026-10-30T08:05:00.000Z',
};

export const VERSION_OPERATIONS = {
  scheduleDestruction: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/versions/{version}/schedule-destruction',
    function: 'rotations',
    grant: 'rotations',
    summary: 'Schedule the destruction of a retired version',
    description:
      'Destroys the version when the window is over, and not before 35 days after the last stored credential left it. Until then the destruction can be cancelled; afterwards tokens of the version never open again. First list the callers that still present its tokens.',
    request: VERSION_REQUESTS.ScheduleDestructionRequest,
    reply: VERSION_REPLIES.KeyVersion,
    problems: { ...keysetChanges, key_version_referenced: VERSION_REFERENCED, key_version_state: NOT_RETIRED },
    example: {
      request: { pending_window_days: 14 },
      reply: {
        ...example,
        destruction: { scheduled_at: '2026-11-21T08:00:00.000Z', not_before: '2026-12-05T08:00:00.000Z' },
        destroyable_at: '2026-12-05T08:00:00.000Z',
      },
    },
    handle: async (
      { caller, parameters, body },
      { application }: Runtime<Pick<DekRotationOperations, 'scheduleDestruction' | 'describeVersion'>>,
    ) => {
      const { provider } = parameters;
      const version = Number(parameters.version);
      const { pending_window_days: windowDays, reason: why } = body;
      await application.scheduleDestruction(caller, {
        provider,
        version,
        windowDays,
        ...(why !== undefined && { reason: why }),
      });
      return { status: 200, body: await application.describeVersion({ provider, version }) };
    },
  }),
  cancelDestruction: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/versions/{version}/cancel-destruction',
    function: 'rotations',
    grant: 'rotations',
    summary: 'Cancel the destruction of a version',
    description: 'Cancels what `schedule-destruction` scheduled. A destroyed version stays destroyed.',
    request: VERSION_REQUESTS.CancelDestructionRequest,
    reply: VERSION_REPLIES.KeyVersion,
    problems: { ...keysetChanges, key_version_state: NOT_SCHEDULED },
    example: {
      request: { reason: 'an archive still needs it' },
      reply: { ...example, destruction: null, destroyable_at: null },
    },
    handle: async (
      { caller, parameters, body: { reason: why } },
      { application }: Runtime<Pick<DekRotationOperations, 'cancelDestruction' | 'describeVersion'>>,
    ) => {
      const { provider } = parameters;
      const version = Number(parameters.version);
      await application.cancelDestruction(caller, { provider, version, ...(why !== undefined && { reason: why }) });
      return { status: 200, body: await application.describeVersion({ provider, version }) };
    },
  }),
} satisfies OperationsOf<'rotations'>;
