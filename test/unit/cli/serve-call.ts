import type { ApiCall } from '../../../cli/client/api-call';
import type { JsonObject } from '../../../cli/client/json-object';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { proxyEventOf } from '../http/proxy-event-of';
import type { handlersOf } from '../http/test-api';

/** Sends calls of the command line to the function `audit`, and takes its replies as the command does. */
export const serveCalls =
  ({ audit }: Pick<ReturnType<typeof handlersOf>, 'audit'>) =>
  async ({ method, path, query, body }: ApiCall): Promise<JsonObject | Error> => {
    const event = proxyEventOf({ method, path, ...(query && { query }), ...(body && { body }) });
    const { statusCode, body: text } = await audit(event);
    const reply = JSON.parse(text) as JsonObject & { code: string; detail: string };
    if (statusCode < 400) return reply;
    return new CliError(statusCode === 404 ? EXIT.notFound : EXIT.unexpected, reply.code, reply.detail);
  };
