import * as z from 'zod/mini';
import { PUBLISH_EVENT } from '../contract/system-events';
import type { Logger } from '../ports/logger';
import type { Checked } from './log-fault';
import type { Published } from './publish';

/** Dependencies of the function. */
export interface PublishCheckpointUse {
  readonly publishLog: () => Promise<Checked<Published>>;
  readonly logger: Logger;
}

const schema = z.strictObject({ keyward: z.literal(PUBLISH_EVENT.keyward) });

/** Publishes the log of this region, hourly or when somebody asks for it, who is told what came of it. */
export const publishCheckpointEvent = {
  name: 'publish-checkpoint',
  parse: (event: unknown) => z.safeParse(schema, event).data,
  serve: async (_: unknown, { publishLog, logger }: PublishCheckpointUse) => {
    const { value, fault } = await publishLog();
    if (fault !== undefined) return { fault };
    const { size, counts } = value;
    logger.info('published', { operation: 'publish-checkpoint', count: counts.added });
    return { size, ...counts };
  },
};
