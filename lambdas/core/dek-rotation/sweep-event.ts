import * as z from 'zod/mini';
import { SWEEP_EVENT } from '../contract/system-events';
import { KeywardError } from '../errors/errors';
import type { Logger } from '../ports/logger';
import type { SweepFailure } from './sweep';

/** Dependencies of the function. */
export interface SweepUse {
  readonly sweep: () => Promise<readonly SweepFailure[]>;
}

const schema = z.strictObject({ keyward: z.literal(SWEEP_EVENT.keyward) });

/**
 * One sweep. If a part failed it throws after all others have run, so that the function's error metric counts it; Lambda's
 * retries do the rest.
 */
export const sweepEvent = {
  name: 'sweep',
  parse: (event: unknown) => z.safeParse(schema, event).data,
  serve: async (_: unknown, { sweep, logger }: SweepUse & { readonly logger: Logger }) => {
    const failures = await sweep();
    if (failures.length > 0)
      throw new KeywardError('internal', `not done: ${failures.map(describeFailure).join(', ')}`);
    logger.info('swept', { operation: 'sweep' });
    return { failures };
  },
  // The message has only names of parts, configured providers and codes.
  explain: (error: KeywardError) => error.message,
};

const describeFailure = ({ part, provider, code }: SweepFailure): string =>
  `${part}${provider === undefined ? '' : ` of ${provider}`} (${code})`;
