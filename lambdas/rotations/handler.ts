import { apiRuntime, composeRotations } from '../core/runtime/compose-api';
import { KeywardError } from '../core/errors/errors';
import {
  decodeCensusCursor,
  decodeRotationCursor,
  encodeCensusCursor,
  encodeRotationCursor,
} from '../core/http/cursor';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { RotationsApplication } from '../core/runtime/application';

export const createHandler = (runtime: () => Promise<Runtime<RotationsApplication>>) =>
  createHttpHandler('rotations', runtime, {
    describeRotationPolicy: async ({ parameters: { provider } }, { application }) => ({
      status: 200,
      body: { provider, rotation_policy: await application.showPolicy(provider) },
    }),
    changeRotationPolicy: async ({ caller, parameters: { provider }, body }, { application }) => ({
      status: 200,
      body: { provider, rotation_policy: await application.changePolicy(caller, { provider, ...body }) },
    }),
    rotate: async ({ caller, parameters: { provider }, body, idempotencyKey }, { application }) => {
      const { dry_run: dryRun = false, emergency = false, reason, cursor } = body;
      if (dryRun) {
        const from = cursor === undefined ? {} : { from: decodeCensusCursor(cursor) };
        const { next, ...census } = await application.census(caller, { provider, ...from });
        return {
          status: 200,
          body: { ...census, ...(next !== undefined && { next_cursor: encodeCensusCursor(next) }) },
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
    listRotations: async ({ parameters: { provider }, query: { limit, cursor } }, { application }) => {
      const before = cursor === undefined ? {} : { before: decodeRotationCursor(cursor) };
      const { rotations, damaged, next } = await application.listRotations({ provider, limit, ...before });
      const cursorMember = next === undefined ? {} : { next_cursor: encodeRotationCursor(next) };
      const damagedMember = damaged === undefined ? {} : { damaged };
      return { status: 200, body: { rotations, ...damagedMember, ...cursorMember } };
    },
    describeRotation: async ({ parameters: { provider, rotation_id } }, { application }) => ({
      status: 200,
      body: await application.describeRotation({ provider, rotation_id }),
    }),
    abortRotation: async ({ caller, parameters: { provider, rotation_id } }, { application }) => {
      await application.abortRotation(caller, { provider, rotation_id });
      return { status: 200, body: await application.describeRotation({ provider, rotation_id }) };
    },
    scheduleDestruction: async ({ caller, parameters, body }, { application }) => {
      const { provider } = parameters;
      const version = Number(parameters.version);
      await application.scheduleDestruction(caller, { provider, version, windowDays: body.pending_window_days });
      return { status: 200, body: await application.describeVersion({ provider, version }) };
    },
    cancelDestruction: async ({ caller, parameters }, { application }) => {
      const { provider } = parameters;
      const version = Number(parameters.version);
      await application.cancelDestruction(caller, { provider, version });
      return { status: 200, body: await application.describeVersion({ provider, version }) };
    },
  });

export const handler = createHandler(apiRuntime(composeRotations));
