import { publish } from '../../../lambdas/core/transparency/publish';
import { caller, World } from '../../doubles/world';
import { testApi } from '../http/test-api';
import { serveCalls } from './serve-call';

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
    serve: serveCalls(handlers),
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
