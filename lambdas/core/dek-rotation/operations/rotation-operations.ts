import * as z from 'zod/mini';
import { MAX_ROTATIONS_PAGE } from '../../contract/limits';
import { ROTATION_ID_PATTERN } from '../../contract/names';
import { isCredentialName } from '../../credentials/credential';
import { KeywardError } from '../../errors/errors';
import { rotationNotFound } from '../abort-rotation';
import { defineCursor } from '../../http/cursor';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import type { PathParameter } from '../../http/path-parameter';
import { pageCursor, pageSize } from '../../http/query-values';
import type { RotationOperations } from '../create-rotations';
import { EXAMPLE_ABORTED, EXAMPLE_ROTATION, ROTATION_REPLIES, ROTATION_REQUESTS } from './rotation-schemas';

/** Below which id a list of rotations goes on. */
const rotationCursor = defineCursor(z.strictObject({ before: z.string().check(z.regex(ROTATION_ID_PATTERN)) }));

/** In which shard, and after which name in it, a census goes on. */
const censusCursor = defineCursor(
  z.strictObject({
    shard: z.int().check(z.minimum(0)),
    after: z.optional(z.string().check(z.refine(isCredentialName))),
  }),
);

const rotationId: PathParameter = {
  schema: { type: 'string', pattern: ROTATION_ID_PATTERN.source },
  check: (value) => {
    if (!ROTATION_ID_PATTERN.test(value)) throw rotationNotFound();
  },
};

export const ROTATION_OPERATIONS = {
  rotate: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/rotate',
    function: 'rotations',
    grant: 'rotations',
    summary: "Rotate a provider's key now, or count what a rotation would find",
    request: ROTATION_REQUESTS.RotateRequest,
    reply: ROTATION_REPLIES.RotationOrCensus,
    idempotent: true,
    statuses: [200, 202],
    problems: [409],
    example: { request: { reason: EXAMPLE_ROTATION.reason }, reply: EXAMPLE_ROTATION },
    handle: async (
      { caller, parameters: { provider }, body, idempotencyKey },
      { application }: Runtime<Pick<RotationOperations, 'rotate' | 'census' | 'describeRotation'>>,
    ) => {
      const { dry_run: dryRun = false, emergency = false, reason, cursor } = body;
      if (dryRun) {
        const from = cursor === undefined ? {} : { from: censusCursor.decode(cursor) };
        const { next, ...census } = await application.census(caller, {
          provider,
          ...from,
          ...(reason !== undefined && { reason }),
        });
        return {
          status: 200,
          body: { ...census, ...(next !== undefined && { next_cursor: censusCursor.encode(next) }) },
        };
      }
      const { kind, rotation_id } = await application.rotate(caller, {
        provider,
        emergency,
        ...(reason !== undefined && { reason }),
        ...(idempotencyKey !== undefined && { idempotency_key: idempotencyKey }),
      });
      if (kind === 'running') {
        const problem = new KeywardError('rotation_running', 'a rotation of this provider is running');
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
    query: z.strictObject({ limit: pageSize(MAX_ROTATIONS_PAGE), cursor: pageCursor }),
    reply: ROTATION_REPLIES.RotationPage,
    example: { reply: { rotations: [EXAMPLE_ROTATION] } },
    handle: async (
      { parameters: { provider }, query: { limit, cursor } },
      { application }: Runtime<Pick<RotationOperations, 'listRotations'>>,
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
    summary: 'Show how far a rotation is',
    reply: ROTATION_REPLIES.Rotation,
    example: { reply: EXAMPLE_ROTATION },
    handle: async ({ parameters }, { application }: Runtime<Pick<RotationOperations, 'describeRotation'>>) => ({
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
    summary: 'Give up a rotation whose new version is not yet the primary',
    request: ROTATION_REQUESTS.AbortRotationRequest,
    reply: ROTATION_REPLIES.Rotation,
    problems: [409],
    example: { request: { reason: 'a region is down for the day' }, reply: EXAMPLE_ABORTED },
    handle: async (
      { caller, parameters, body: { reason } },
      { application }: Runtime<Pick<RotationOperations, 'abortRotation' | 'describeRotation'>>,
    ) => {
      await application.abortRotation(caller, { ...parameters, ...(reason !== undefined && { reason }) });
      return { status: 200, body: await application.describeRotation(parameters) };
    },
  }),
} satisfies OperationsOf<'rotations'>;
