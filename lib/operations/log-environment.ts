import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { LOG_FUNCTIONS, type FunctionName } from '../../lambdas/core/contract/functions';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';

/** Environment of the functions that write, sign and read the transparency log; the keys' ARNs are given by their stack. */
export function logEnvironment(
  name: FunctionName,
  { log }: Deployment,
  names: ResourceNames,
): Readonly<Record<string, string>> {
  if (log === undefined) return {};
  const buckets = {
    [ENVIRONMENT.archiveBucket]: names.bucketBeforeRegion('archive'),
    [ENVIRONMENT.logBucket]: names.bucketBeforeRegion('log'),
    [ENVIRONMENT.logOwner]: log.owner,
  };
  if (name === 'audit') return { ...buckets, [ENVIRONMENT.publishFunction]: names.of('publish-checkpoint') };
  if (!(LOG_FUNCTIONS as readonly FunctionName[]).includes(name)) return {};
  return {
    ...buckets,
    ...(name === 'archive-events' && {
      [ENVIRONMENT.failedBatchesBucket]: names.bucketBeforeRegion('failed-batches'),
    }),
    ...(name === 'publish-checkpoint' &&
      log.witness !== undefined && {
        [ENVIRONMENT.witnessBucket]: log.witness.name,
        [ENVIRONMENT.witnessRegion]: log.witness.region,
      }),
  };
}
