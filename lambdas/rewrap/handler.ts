import { apiRuntime, composeRewrap } from '../core/runtime/compose-api';
import { batchReply } from '../core/http/batch-reply';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { Application } from '../core/runtime/application';

export const createHandler = (runtime: () => Promise<Runtime<Pick<Application, 'rewrap'>>>) =>
  createHttpHandler('rewrap', runtime, {
    rewrap: async ({ caller, parameters: { provider }, body }, { application }) => {
      const { ciphertext, context = {} } = body;
      return { status: 200, body: await application.rewrap(caller, { provider, ciphertext, context }) };
    },
    rewrapBatch: ({ caller, parameters: { provider }, body }, { application }) =>
      batchReply(body.items, ({ ciphertext, context = {} }) =>
        application.rewrap(caller, { provider, ciphertext, context }),
      ),
  });

export const handler = createHandler(apiRuntime(composeRewrap));
