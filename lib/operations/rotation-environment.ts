import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import type { Deployment } from '../configuration';
import type { ResourceNames } from '../resource-names';

/** What a function is told, beside what every function is, that starts or goes on with DEK rotations. */
export const rotationEnvironment = (
  deployment: Deployment,
  names: ResourceNames,
): Readonly<Record<string, string>> => ({
  [ENVIRONMENT.rotationQueueUrl]: names.queueUrl('dek-rotation', deployment.homeRegion),
  [ENVIRONMENT.proveKeysetFunction]: names.of('prove-keyset'),
});
