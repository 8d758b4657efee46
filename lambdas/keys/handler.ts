import { apiRuntime, composeKeys } from '../core/runtime/compose-api';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { Application } from '../core/runtime/application';

export const createHandler = (runtime: () => Promise<Runtime<Pick<Application, 'listKeysets' | 'describeKeyset'>>>) =>
  createHttpHandler('keys', runtime, {
    listKeysets: async (_, { application }) => {
      const keysets = await application.listKeysets();
      const damaged = keysets.flatMap((keyset) => ('damaged' in keyset ? [keyset.provider] : []));
      const providers = keysets.filter((keyset) => !('damaged' in keyset));
      return { status: 200, body: { providers, ...(damaged.length > 0 && { damaged }) } };
    },
    describeKeyset: async ({ parameters: { provider } }, { application }) => ({
      status: 200,
      body: await application.describeKeyset(provider),
    }),
  });

export const handler = createHandler(apiRuntime(composeKeys));
