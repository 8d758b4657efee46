import { MAX_BATCH_BODY_BYTES, MAX_BATCH_ITEMS } from '../../contract/limits';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import type { Encrypt } from '../encrypt';
import { batchReply } from './batch-reply';
import { EXAMPLE, TOKEN_REPLIES, TOKEN_REQUESTS } from './token-schemas';

type Use = Runtime<{ readonly encrypt: Encrypt }>;

const { plaintext, context, sealed } = EXAMPLE;

export const ENCRYPT_OPERATIONS = {
  encrypt: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/encrypt',
    function: 'encrypt',
    grant: 'encrypt',
    summary: 'Encrypt a text',
    description:
      'Seals a text under the primary of the provider and returns a token. Keyward does not keep the token: store it. `context` is authenticated and not stored; `decrypt` must present the same one.',
    request: TOKEN_REQUESTS.EncryptRequest,
    reply: TOKEN_REPLIES.Sealed,
    example: { request: { plaintext, context }, reply: sealed },
    handle: async ({ caller, parameters: { provider }, body }, { application }: Use) => {
      const { plaintext, context = {} } = body;
      return { status: 200, body: await application.encrypt(caller, { provider, plaintext, context }) };
    },
  }),
  encryptBatch: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/encrypt-batch',
    function: 'encrypt',
    grant: 'encrypt',
    summary: `Encrypt up to ${MAX_BATCH_ITEMS} texts`,
    description:
      'Encrypts each item independently. The results are in the order of the items: a result or an error, with the `reference` of its item. If no item could be processed, the whole request is a 503.',
    request: TOKEN_REQUESTS.EncryptBatchRequest,
    maxBodyBytes: MAX_BATCH_BODY_BYTES,
    reply: TOKEN_REPLIES.SealedBatch,
    example: {
      request: { items: [{ plaintext, context, reference: 'row-1' }] },
      reply: { results: [{ reference: 'row-1', ...sealed }] },
    },
    handle: ({ caller, parameters: { provider }, body }, { application }: Use) =>
      batchReply(body.items, ({ plaintext, context = {} }) =>
        application.encrypt(caller, { provider, plaintext, context }),
      ),
  }),
} satisfies OperationsOf<'encrypt'>;
