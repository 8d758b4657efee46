import * as z from 'zod/mini';
import { sweepFromEnvironment, type SweepRuntime } from '../core/runtime/compose-sweep';
import { KeywardError } from '../core/errors/errors';
import { createEventHandler } from '../core/runtime/event-handler';
import type { SweepFailure } from '../core/dek-rotation/sweep';

/** The constant input of the schedule. */
const sweepEvent = z.strictObject({ keyward: z.literal('sweep') });

/**
 * One hourly round. It ends with an error where a part has failed, once all others have run, so that the function's error
 * metric shows it; Lambda's retries of it do what is left.
 */
export const createHandler = (runtime: () => SweepRuntime) =>
  createEventHandler({
    name: 'sweep',
    runtime,
    parse: (event) => z.safeParse(sweepEvent, event).data,
    serve: async (_, { sweep, logger }): Promise<{ readonly failures: readonly SweepFailure[] }> => {
      const failures = await sweep();
      if (failures.length > 0) throw new KeywardError('internal', `not done: ${failures.map(inWords).join(', ')}`);
      logger.info('swept', { operation: 'sweep' });
      return { failures };
    },
    // Names of parts, configured providers and codes, and nothing else.
    explain: (error) => error.message,
  });

const inWords = ({ part, provider, code }: SweepFailure): string =>
  `${part}${provider === undefined ? '' : ` of ${provider}`} (${code})`;

export const handler = createHandler(sweepFromEnvironment);
