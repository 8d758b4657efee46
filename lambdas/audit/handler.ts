import { fromEnvironment } from '../core/composition-root';
import { auditCursorOf, toAuditQuery } from '../core/http/audit-paging';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { Application } from '../core/usecases/application';

export const createHandler = (runtime: () => Promise<Runtime<Pick<Application, 'queryAuditEvents'>>>) =>
  createHttpHandler('audit', runtime, {
    queryAuditEvents: async ({ query: parameters }, { application, clock }) => {
      const query = toAuditQuery(parameters, clock.now());
      const { events, next } = await application.queryAuditEvents(query);
      return { status: 200, body: { events, ...(next !== undefined && { next_cursor: auditCursorOf(query, next) }) } };
    },
  });

export const handler = createHandler(fromEnvironment);
