import { apiRuntime, composeAudit } from '../core/runtime/compose-api';
import { auditCursorOf, toAuditQuery } from '../core/http/audit-paging';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import type { Application } from '../core/runtime/application';

export const createHandler = (
  runtime: () => Promise<Runtime<Pick<Application, 'queryAuditEvents' | 'listVersionCallers'>>>,
) =>
  createHttpHandler('audit', runtime, {
    queryAuditEvents: async ({ query: parameters }, { application, clock }) => {
      const query = toAuditQuery(parameters, clock.now());
      const { events, next } = await application.queryAuditEvents(query);
      return { status: 200, body: { events, ...(next !== undefined && { next_cursor: auditCursorOf(query, next) }) } };
    },
    listVersionCallers: async ({ parameters: { provider, version }, query: { from } }, { application }) => {
      const since = from === undefined ? {} : { from };
      return {
        status: 200,
        body: await application.listVersionCallers({ provider, version: Number(version), ...since }),
      };
    },
  });

export const handler = createHandler(apiRuntime(composeAudit));
