import type { ApiCall } from '../../../cli/client/api-call';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import type { JsonObject } from '../../../cli/client/json-object';
import { publish } from '../../../lambdas/core/transparency/publish';
import { caller, World } from '../../doubles/world';
import { proxyEventOf } from '../http/proxy-event-of';
import { testApi } from '../http/test-api';

export const REGION = 'eu-west-1';

/** The calls about published logs as the command sees them: served by the operations, over logs in memory. */
export function servedLog(regions: readonly string[] = [REGION]) {
  const world = new World();
  const logs = world.publishing(regions);
  const { handlers } = testApi(world.application);
  const publishAll = async () => {
    logs.archiveAll();
    for (const region of regions) await publish(logs.of(region).publisher());
  };
  return {
    world,
    log: logs.of(REGION),
    publishAll,
    serve: async ({ method, path, query, body }: ApiCall): Promise<JsonObject | Error> => {
      const event = proxyEventOf({ method, path, ...(query && { query }), ...(body && { body }) });
      const { statusCode, body: text } = await handlers.audit(event);
      const reply = JSON.parse(text) as JsonObject & { code: string; detail: string };
      if (statusCode < 400) return reply;
      return new CliError(statusCode === 404 ? EXIT.notFound : EXIT.unexpected, reply.code, reply.detail);
    },
    /** Adds events and publishes them. @returns the id of the last one */
    grow: async (count: number): Promise<string> => {
      for (let at = 0; at < count; at += 1) {
        world.clock.time += 1_000;
        await world.application.encrypt(caller, { provider: 'openai', plaintext: 'x', context: {} });
      }
      const { id } = world.audit.events.at(-1)!;
      await publishAll();
      return id;
    },
  };
}
