import { MAX_BATCH_BODY_BYTES, MAX_BATCH_ITEMS } from '../../contract/limits';
import { decryptionFailed } from '../../errors/errors';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import type { Rewrap } from '../rewrap';
import { batchReply } from './batch-reply';
import { EXAMPLE, TOKEN_REPLIES, TOKEN_REQUESTS } from './token-schemas';

type Use = Runtime<{ readonly rewrap: Rewrap }>;

const { token, context, sealed } = EXAMPLE;
const refused = decryptionFailed('authentication_failed');

export const REWRAP_OPERATIONS = {
  rewrap: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/rewrap',
    function: 'rewrap',
    grant: 'rewrap',
    summary: 'Move a token to the primary; the plaintext is not returned',
    description:
      'Opens a token, seals its plaintext under the primary of the provider with the same context, and returns the new token. Keep it in place of the old one. Also works for tokens of retired versions until those are destroyed.',
    request: TOKEN_REQUESTS.TokenRequest,
    reply: TOKEN_REPLIES.Sealed,
    problems: { decryption_failed: refused.message },
    example: { request: { ciphertext: token, context }, reply: sealed },
    handle: async ({ caller, parameters: { provider }, body }, { application }: Use) => {
      const { ciphertext, context = {} } = body;
      return { status: 200, body: await application.rewrap(caller, { provider, ciphertext, context }) };
    },
  }),
  rewrapBatch: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/rewrap-batch',
    function: 'rewrap',
    grant: 'rewrap',
    summary: `Move up to ${MAX_BATCH_ITEMS} tokens to the primary`,
    description:
      'Rewraps each item independently. The results are in the order of the items: a result or an error, with the `reference` of its item. If no item could be processed, the whole request is a 503.',
    request: TOKEN_REQUESTS.TokenBatchRequest,
    maxBodyBytes: MAX_BATCH_BODY_BYTES,
    reply: TOKEN_REPLIES.SealedBatch,
    example: {
      request: { items: [{ ciphertext: token, context, reference: 'row-1' }] },
      reply: { results: [{ reference: 'row-1', ...sealed }] },
    },
    handle: ({ caller, parameters: { provider }, body }, { application }: Use) =>
      batchReply(body.items, ({ ciphertext, context = {} }) =>
        application.rewrap(caller, { provider, ciphertext, context }),
      ),
  }),
} satisfies OperationsOf<'rewrap'>;
