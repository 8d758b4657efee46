import * as z from 'zod/mini';
import { PROVIDER_PATTERN } from '../contract/names';
import type { KeywardError } from '../errors/errors';
import type { Logger } from '../ports/logger';
import type { createBootstrap } from './bootstrap';

/** Dependencies of the function. */
export interface BootstrapUse {
  readonly bootstrap: ReturnType<typeof createBootstrap>;
}

const names = z.catch(z.optional(z.array(z.string().check(z.regex(PROVIDER_PATTERN)))), undefined);

/**
 * The members that are read of the event that CDK's provider framework passes to onEvent (aws-cdk-lib/custom-resources, README).
 * Old properties of early releases have no `regions`: then nothing is known to be new.
 */
const schema = z.discriminatedUnion('RequestType', [
  z.object({ RequestType: z.enum(['Create', 'Delete']) }),
  z.object({
    RequestType: z.literal('Update'),
    OldResourceProperties: z.catch(z.object({ regions: names, providers: names }), {}),
  }),
]);

/** Never changes: another id would make CloudFormation delete the "old" resource after an update. */
const PHYSICAL_RESOURCE_ID = 'keyward-bootstrap';

/** Serves onEvent of a custom resource, once per deployment. A delete does nothing: keys outlive the stack. */
export const bootstrapEvent = {
  name: 'bootstrap',
  parse: (event: unknown) => z.safeParse(schema, event).data,
  serve: async (
    request: z.output<typeof schema>,
    { bootstrap, logger }: BootstrapUse & { readonly logger: Logger },
  ) => {
    if (request.RequestType !== 'Delete') {
      const before = request.RequestType === 'Update' ? request.OldResourceProperties : undefined;
      for (const { provider, status } of await bootstrap(before)) {
        if (status !== 'created' && status !== 'ready') continue;
        logger.info(status === 'created' ? 'keyset created' : 'keyset ready', { operation: 'bootstrap', provider });
      }
    }
    return { PhysicalResourceId: PHYSICAL_RESOURCE_ID };
  },
  // CloudFormation shows this in its events; Keyward's messages carry no input.
  explain: (error: KeywardError) => error.message,
};
