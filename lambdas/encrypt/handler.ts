import { apiRuntime, composeEncrypt } from '../core/runtime/compose-api';
import { batchReply } from '../core/http/batch-reply';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { Application } from '../core/runtime/application';

export const createHandler = (runtime: () => Promise<Runtime<Pick<Application, 'encrypt'>>>) =>
  createHttpHandler('encrypt', runtime, {
    encrypt: async ({ caller, parameters: { provider }, body }, { application }) => {
      const { plaintext, context = {} } = body;
      return { status: 200, body: await application.encrypt(caller, { provider, plaintext, context }) };
    },
    encryptBatch: ({ caller, parameters: { provider }, body }, { application }) =>
      batchReply(body.items, ({ plaintext, context = {} }) =>
        application.encrypt(caller, { provider, plaintext, context }),
      ),
  });

export const handler = createHandler(apiRuntime(composeEncrypt));
