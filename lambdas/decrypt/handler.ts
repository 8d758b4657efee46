import { apiRuntime, composeDecrypt } from '../core/runtime/compose-api';
import { batchReply } from '../core/http/batch-reply';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { Application } from '../core/runtime/application';

export const createHandler = (runtime: () => Promise<Runtime<Pick<Application, 'decrypt'>>>) =>
  createHttpHandler('decrypt', runtime, {
    decrypt: async ({ caller, parameters: { provider }, body }, { application }) => {
      const { ciphertext, context = {} } = body;
      return { status: 200, body: await application.decrypt(caller, { provider, ciphertext, context }) };
    },
    decryptBatch: ({ caller, parameters: { provider }, body }, { application }) =>
      batchReply(body.items, ({ ciphertext, context = {} }) =>
        application.decrypt(caller, { provider, ciphertext, context }),
      ),
  });

export const handler = createHandler(apiRuntime(composeDecrypt));
