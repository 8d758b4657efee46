import { apiRuntime, composeHealth } from '../core/runtime/compose-api';
import { KeywardError } from '../core/errors/errors';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { Application } from '../core/runtime/application';

export const createHandler = (runtime: () => Promise<Runtime<Pick<Application, 'checkReadiness'>>>) =>
  createHttpHandler('health', runtime, {
    checkHealth: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
    checkReadiness: async (_, { application }) => {
      const readiness = await application.checkReadiness();
      if (readiness.ready) return { status: 200, body: readiness };
      const problem = readiness.audit
        ? new KeywardError('keys_unavailable', 'not every provider can encrypt and decrypt')
        : new KeywardError('audit_unavailable', 'the audit log does not answer');
      return { problem, members: { ...readiness } };
    },
  });

export const handler = createHandler(apiRuntime(composeHealth));
