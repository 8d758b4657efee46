import { MAX_BATCH_BODY_BYTES, MAX_BATCH_ITEMS } from '../../contract/limits';
import { decryptionFailed } from '../../errors/errors';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import type { Decrypt } from '../decrypt';
import { VERSION_RETIRED } from '../refuse-retired-version';
import { batchReply } from './batch-reply';
import { EXAMPLE, TOKEN_REPLIES, TOKEN_REQUESTS } from './token-schemas';

type Use = Runtime<{ readonly decrypt: Decrypt }>;

const { token, context, plaintext } = EXAMPLE;
const refused = decryptionFailed('authentication_failed');
const opened = { plaintext, provider: 'openai', key_version: 3, rewrap_recommended: false };

export const DECRYPT_OPERATIONS = {
  decrypt: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/decrypt',
    function: 'decrypt',
    grant: 'decrypt',
    summary: 'Decrypt a token',
    description:
      'Opens a token for a caller who presents the same context that it was encrypted with. Every token that does not open gets the same answer; the audit log has the reason. The plaintext is returned only after its audit event is durable. If `rewrap_recommended` is true, `rewrap` the token and keep the new one.',
    plaintext: true,
    request: TOKEN_REQUESTS.TokenRequest,
    reply: TOKEN_REPLIES.Opened,
    problems: { decryption_failed: refused.message, key_version_retired: VERSION_RETIRED },
    example: { request: { ciphertext: token, context }, reply: opened },
    handle: async ({ caller, parameters: { provider }, body }, { application }: Use) => {
      const { ciphertext, context = {} } = body;
      return { status: 200, body: await application.decrypt(caller, { provider, ciphertext, context }) };
    },
  }),
  decryptBatch: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/decrypt-batch',
    function: 'decrypt',
    grant: 'decrypt',
    summary: `Decrypt up to ${MAX_BATCH_ITEMS} tokens`,
    description:
      'Decrypts each item independently. The results are in the order of the items: a result or an error, with the `reference` of its item. If no item could be processed, the whole request is a 503.',
    plaintext: true,
    request: TOKEN_REQUESTS.TokenBatchRequest,
    maxBodyBytes: MAX_BATCH_BODY_BYTES,
    reply: TOKEN_REPLIES.OpenedBatch,
    example: {
      request: {
        items: [
          { ciphertext: token, context, reference: 'row-1' },
          { ciphertext: token, reference: 'row-2' },
        ],
      },
      reply: {
        results: [
          { reference: 'row-1', ...opened },
          {
            reference: 'row-2',
            error: { code: refused.code, status: 400, detail: refused.message },
          },
        ],
      },
    },
    handle: ({ caller, parameters: { provider }, body }, { application }: Use) =>
      batchReply(body.items, ({ ciphertext, context = {} }) =>
        application.decrypt(caller, { provider, ciphertext, context }),
      ),
  }),
} satisfies OperationsOf<'decrypt'>;
