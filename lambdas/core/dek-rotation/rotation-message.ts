import * as z from 'zod/mini';
import { ROTATION_ID_PATTERN } from '../contract/names';
import { WORKER_RESERVE_MS } from '../contract/function-times';
import { isProvider } from '../crypto/provider';
import { isKnownProvider, type KnownProviders } from '../keysets/known-provider';
import type { RotationMessage } from './ports/rotation-queue';
import type { ServeRotationMessage } from './serve-rotation-message';

/** What the messages of the rotation queue are served with. One of a provider that it does not know is refused. */
export interface RotationMessageUse extends KnownProviders {
  readonly serve: ServeRotationMessage;
  readonly shardCount: number;
}

const schema: z.ZodMiniType<RotationMessage> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('advance'), provider: z.string() }),
  z.strictObject({
    kind: z.literal('rekey'),
    provider: z.string(),
    rotation_id: z.nullable(z.string().check(z.regex(ROTATION_ID_PATTERN))),
    shard: z.int().check(z.minimum(0)),
  }),
]);

/** A message of the rotation queue, served until a minute before Lambda stops the function. */
export const rotationMessage = {
  name: 'rotation-worker',
  refusal: 'message refused: it is not one of a rotation',
  schema,
  accepts: async (message: RotationMessage, on: RotationMessageUse): Promise<boolean> =>
    !(message.kind === 'rekey' && message.shard >= on.shardCount) && isKnownProvider(message.provider, on),
  fields: (message: RotationMessage) => ({
    operation: message.kind,
    ...(isProvider(message.provider) && { provider: message.provider }),
    ...(message.kind === 'rekey' && message.rotation_id !== null && { request_id: message.rotation_id }),
  }),
  reserveMs: WORKER_RESERVE_MS,
  serve: async (message: RotationMessage, { serve }: RotationMessageUse, deadline: number) => {
    await serve(message, deadline);
    return { done: true, outcome: 'message served' };
  },
};
