import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';

/** Environment of functions that start or advance DEK rotations. */
export const dekRotationEnvironment = (
  deployment: Deployment,
  names: ResourceNames,
): Readonly<Record<string, string>> => ({
  [ENVIRONMENT.dekRotationQueueUrl]: names.queueUrl('dek-rotation', deployment.homeRegion),
  [ENVIRONMENT.proveKeysetFunction]: names.of('prove-keyset'),
});
