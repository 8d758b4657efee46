import * as z from 'zod/mini';
import { bootstrapFromEnvironment, type BootstrapRuntime } from '../core/runtime/compose-operations';
import { createEventHandler } from '../core/runtime/event-handler';

const names = z.catch(z.optional(z.array(z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,49}$/)))), undefined);

/**
 * What CDK's provider framework hands to onEvent, as far as it is read (aws-cdk-lib/custom-resources, README). A deployment from
 * before regions were among the properties has no `regions` in the old ones: then nothing is known to be new.
 */
const customResourceEvent = z.discriminatedUnion('RequestType', [
  z.object({ RequestType: z.enum(['Create', 'Delete']) }),
  z.object({
    RequestType: z.literal('Update'),
    OldResourceProperties: z.catch(z.object({ regions: names, providers: names }), {}),
  }),
]);

/** The same for ever: another one would make CloudFormation delete the "old" resource after an update. */
const PHYSICAL_RESOURCE_ID = 'keyward-bootstrap';

/** Runs once a deploy as a custom resource's onEvent. A delete does nothing: keys outlive the stack. */
export const createHandler = (runtime: () => BootstrapRuntime) =>
  createEventHandler({
    name: 'bootstrap',
    runtime,
    parse: (event) => z.safeParse(customResourceEvent, event).data,
    serve: async (request, { bootstrap, logger }) => {
      if (request.RequestType !== 'Delete') {
        const before = request.RequestType === 'Update' ? request.OldResourceProperties : undefined;
        for (const { provider, status } of await bootstrap(before)) {
          if (status !== 'created' && status !== 'ready') continue;
          logger.info(status === 'created' ? 'keyset created' : 'keyset ready', { operation: 'bootstrap', provider });
        }
      }
      return { PhysicalResourceId: PHYSICAL_RESOURCE_ID };
    },
    // Whoever deploys reads this in CloudFormation's events; Keyward's messages carry no input.
    explain: (error) => error.message,
  });

export const handler = createHandler(bootstrapFromEnvironment);
