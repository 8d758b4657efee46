import * as z from 'zod/mini';
import { SWEEP_EVENT } from '../contract/system-events';
import { KeywardError } from '../errors/errors';
import type { Logger } from '../ports/logger';
import type { SweepFailure } from './sweep';

/** What the schedule's event is served with. */
export interface SweepUse {
  readonly sweep: () => Promise<readonly SweepFailure[]>;
}

/** The constant input of the schedule. */
const schema = z.strictObject({ keyward: z.literal(SWEEP_EVENT.keyward) });

/**
 * One hourly round. It ends with an error where a part has failed, once all others have run, so that the function's error
 * metric shows it; Lambda's retries of it do what is left.
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
  // Names of parts, configured providers and codes, and nothing else.
  explain: (error: KeywardError) => error.message,
};

const describeFailure = ({ part, provider, code }: SweepFailure): string =>
  `${part}${provider === undefined ? '' : ` of ${provider}`} (${code})`;
