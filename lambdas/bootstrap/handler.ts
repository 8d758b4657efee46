import * as z from 'zod/mini';
import { bootstrapFromEnvironment, type BootstrapRuntime } from '../core/compose-operations';
import { createEventHandler } from '../core/event-handler';

/** What CDK's provider framework hands to onEvent, as far as it is read (aws-cdk-lib/custom-resources, README). */
const customResourceEvent = z.object({ RequestType: z.enum(['Create', 'Update', 'Delete']) });

/** The same for ever: another one would make CloudFormation delete the "old" resource after an update. */
const PHYSICAL_RESOURCE_ID = 'keyward-bootstrap';

/** Runs once a deploy as a custom resource's onEvent. A delete does nothing: keys outlive the stack. */
export const createHandler = (runtime: () => BootstrapRuntime) =>
  createEventHandler({
    name: 'bootstrap',
    runtime,
    parse: (event) => z.safeParse(customResourceEvent, event).data?.RequestType,
    serve: async (requestType, { bootstrap, logger }) => {
      if (requestType !== 'Delete') {
        for (const { provider, status } of await bootstrap()) {
          logger.info(status === 'created' ? 'keyset created' : 'keyset ready', { operation: 'bootstrap', provider });
        }
      }
      return { PhysicalResourceId: PHYSICAL_RESOURCE_ID };
    },
    // Whoever deploys reads this in CloudFormation's events; Keyward's messages carry no input.
    explain: (error) => error.message,
  });

export const handler = createHandler(bootstrapFromEnvironment);
