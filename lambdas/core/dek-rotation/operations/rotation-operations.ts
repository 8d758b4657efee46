import * as z from 'zod/mini';
import { MAX_DEK_ROTATIONS_PAGE } from '../../contract/limits';
import { DEK_ROTATION_ID_PATTERN } from '../../contract/names';
import { isCredentialName } from '../../credentials/credential';
import { KeywardError } from '../../errors/errors';
import { ALREADY_PROMOTED, NO_ROTATION, dekRotationNotFound } from '../abort-dek-rotation';
import { defineCursor } from '../../http/cursor';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import type { PathParameter } from '../../http/path-parameter';
import { pageCursor, pageSize } from '../../http/query-values';
import type { DekRotationOperations } from '../create-dek-rotations';
import { REPORT_DAMAGED } from '../show-dek-rotations';
import { TOO_MANY_VERSIONS } from '../start-dek-rotation';
import { keysetChanges } from './keyset-changes';
import { EXAMPLE_ABORTED, EXAMPLE_ROTATION, ROTATION_REPLIES, ROTATION_REQUESTS } from './rotation-schemas';

/** The id below which a list of rotations continues. */
const rotationCursor = defineCursor(z.strictObject({ before: z.string().check(z.regex(DEK_ROTATION_ID_PATTERN)) }));

/** The shard, and the name in it, after which a dry run continues. */
const dryRunCursor = defineCursor(
  z.strictObject({
    shard: z.int().check(z.minimum(0)),
    after: z.optional(z.string().check(z.refine(isCredentialName))),
  }),
);

const RUNNING = 'a rotation of this provider is running';

const rotationId: PathParameter = {
  description: 'Id of a rotation.',
  schema: { type: 'string', pattern: DEK_ROTATION_ID_PATTERN.source, examples: [EXAMPLE_ROTATION.rotation_id] },
  check: (value) => {
    if (!DEK_ROTATION_ID_PATTERN.test(value)) throw dekRotationNotFound();
  },
};

export const ROTATION_OPERATIONS = {
  rotate: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/rotate',
    function: 'rotations',
    grant: 'rotations',
    summary: "Rotate a provider's DEK now, or count what a rotation would find",
    description:
      'Starts a rotation and answers 202 with its report; read the report until the rotation has ended. With an `Idempotency-Key` the call can be repeated safely. `dry_run` changes nothing: it counts and opens the stored credentials, and answers 200. `emergency` is for a leaked DEK: tokens of older versions no longer decrypt, and a running rotation is escalated.',
    request: ROTATION_REQUESTS.RotateRequest,
    reply: ROTATION_REPLIES.RotationOrDryRun,
    idempotent: true,
    statuses: [200, 202],
    problems: {
      ...keysetChanges,
      key_version_state: TOO_MANY_VERSIONS,
      rotation_damaged: REPORT_DAMAGED,
      rotation_not_found: NO_ROTATION,
      rotation_running: { detail: RUNNING, members: { rotation_id: EXAMPLE_ROTATION.rotation_id } },
    },
    problemMembers: z.object({ rotation_id: z.string() }),
    example: { request: { reason: EXAMPLE_ROTATION.reason }, reply: EXAMPLE_ROTATION },
    handle: async (
      { caller, parameters: { provider }, body, idempotencyKey },
      { application }: Runtime<Pick<DekRotationOperations, 'rotate' | 'dryRun' | 'describeRotation'>>,
    ) => {
      const { dry_run: dryRun = false, emergency = false, reason, cursor } = body;
      if (dryRun) {
        const from = cursor === undefined ? {} : { from: dryRunCursor.decode(cursor) };
        const { next, ...dryRun } = await application.dryRun(caller, {
          provider,
          ...from,
          ...(reason !== undefined && { reason }),
        });
        return {
          status: 200,
          body: { ...dryRun, ...(next !== undefined && { next_cursor: dryRunCursor.encode(next) }) },
        };
      }
      const { kind, rotation_id } = await application.rotate(caller, {
        provider,
        emergency,
        ...(reason !== undefined && { reason }),
        ...(idempotencyKey !== undefined && { idempotency_key: idempotencyKey }),
      });
      if (kind === 'running') {
        const problem = new KeywardError('rotation_running', RUNNING);
        return { problem, members: { rotation_id } };
      }
      return { status: 202, body: await application.describeRotation({ provider, rotation_id }) };
    },
  }),
  listRotations: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/rotations',
    function: 'rotations',
    grant: 'rotations',
    summary: "List a provider's rotations, newest first",
    description:
      'Returns the reports of running and ended rotations. While the reply has `next_cursor`, there may be more. `damaged` names rotations whose reports were edited.',
    query: z.strictObject({ limit: pageSize(MAX_DEK_ROTATIONS_PAGE), cursor: pageCursor }),
    reply: ROTATION_REPLIES.RotationPage,
    example: { reply: { rotations: [EXAMPLE_ROTATION] } },
    handle: async (
      { parameters: { provider }, query: { limit, cursor } },
      { application }: Runtime<Pick<DekRotationOperations, 'listRotations'>>,
    ) => {
      const before = cursor === undefined ? {} : rotationCursor.decode(cursor);
      const { rotations, damaged, next } = await application.listRotations({ provider, limit, ...before });
      const cursorMember = next === undefined ? {} : { next_cursor: rotationCursor.encode({ before: next }) };
      return { status: 200, body: { rotations, ...(damaged !== undefined && { damaged }), ...cursorMember } };
    },
  }),
  describeRotation: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/rotations/{rotation_id}',
    parameters: { rotation_id: rotationId },
    function: 'rotations',
    grant: 'rotations',
    summary: 'Describe a rotation',
    description:
      'Returns which regions have the new version, how many stored credentials were rekeyed, which do not open, and the estimated time left.',
    reply: ROTATION_REPLIES.Rotation,
    problems: { rotation_damaged: REPORT_DAMAGED, rotation_not_found: NO_ROTATION },
    example: { reply: EXAMPLE_ROTATION },
    handle: async ({ parameters }, { application }: Runtime<Pick<DekRotationOperations, 'describeRotation'>>) => ({
      status: 200,
      body: await application.describeRotation(parameters),
    }),
  }),
  abortRotation: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/rotations/{rotation_id}/abort',
    parameters: { rotation_id: rotationId },
    function: 'rotations',
    grant: 'rotations',
    summary: 'Abort a rotation before its promotion',
    description:
      'Removes the new version, under which nothing was sealed; its number is never used again. After its promotion a rotation cannot be aborted.',
    request: ROTATION_REQUESTS.AbortRotationRequest,
    reply: ROTATION_REPLIES.Rotation,
    problems: {
      ...keysetChanges,
      rotation_damaged: REPORT_DAMAGED,
      rotation_not_found: NO_ROTATION,
      rotation_state: ALREADY_PROMOTED,
    },
    example: { request: { reason: 'a region is down for the day' }, reply: EXAMPLE_ABORTED },
    handle: async (
      { caller, parameters, body: { reason } },
      { application }: Runtime<Pick<DekRotationOperations, 'abortRotation' | 'describeRotation'>>,
    ) => {
      await application.abortRotation(caller, { ...parameters, ...(reason !== undefined && { reason }) });
      return { status: 200, body: await application.describeRotation(parameters) };
    },
  }),
} satisfies OperationsOf<'rotations'>;
