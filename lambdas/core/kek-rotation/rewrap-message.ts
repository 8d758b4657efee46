import * as z from 'zod/mini';
import { KEK_ID_PATTERN, KEK_VERSION_ID_PATTERN } from '../contract/names';
import type { RewrapRequest } from './ports/rewrap-queue';
import type { createRewrapDeks } from './rewrap-deks';

/** Dependencies of the function. */
export interface RewrapUse {
  readonly rewrapDeks: ReturnType<typeof createRewrapDeks>;
}

const schema: z.ZodMiniType<RewrapRequest> = z.strictObject({
  secret_version_id: z.string().check(z.regex(KEK_VERSION_ID_PATTERN)),
  kek_id: z.string().check(z.regex(KEK_ID_PATTERN)),
});

/** Serves messages of the rewrap queue. A message is retried until every region returns the new KEK. */
export const rewrapMessage = {
  name: 'rewrap-deks',
  refusal: 'message refused: not a rewrap request',
  schema,
  fields: ({ secret_version_id }: RewrapRequest) => ({ request_id: secret_version_id }),
  serve: async (request: RewrapRequest, { rewrapDeks }: RewrapUse) => {
    const done = (await rewrapDeks(request)) === 'done';
    return { done, outcome: done ? 'rewrapped' : 'not every region returns the new KEK yet' };
  },
};
