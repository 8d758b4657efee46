import { fromEnvironment } from '../core/composition-root';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { Application } from '../core/usecases/application';

export const createHandler = (runtime: () => Promise<Runtime<Pick<Application, 'listKeysets' | 'describeKeyset'>>>) =>
  createHttpHandler('keys', runtime, {
    listKeysets: async (_, { application }) => ({
      status: 200,
      body: { providers: await application.listKeysets() },
    }),
    describeKeyset: async ({ parameters: { provider } }, { application }) => ({
      status: 200,
      body: await application.describeKeyset(provider),
    }),
  });

export const handler = createHandler(fromEnvironment);
