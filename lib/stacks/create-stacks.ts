import { Tags, Validations, type App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { ApiRoute } from '../api/api-route';
import { ApiStack } from './api-stack';
import { IAM_REGION } from '../observability/change-patterns';
import { copyOf } from '../copy-of';
import type { Deployment } from '../deployment';
import { DataStack } from './data-stack';
import { IamEventsStack } from './iam-events-stack';
import { KmsStack } from './kms-stack';
import { LogCopyStack } from './log-copy-stack';
import { LogStack } from './log-stack';
import { OperationsStack } from './operations-stack';
import { RefusalsStack } from './refusals-stack';
import { ResourceNames } from '../resource-names';

/**
 * The stacks of one deployment: keys in every region, then the data at home with its replicas, then operations at home, then
 * every region's log, after its copy elsewhere, and API, and what records its refusals. Regions share names, never values, so that none
 * waits for another.
 */
export function createStacks(app: App, deployment: Deployment, routes: readonly ApiRoute[]): void {
  const names = new ResourceNames(deployment);
  const { stage, account, homeRegion, regions } = deployment;
  const env = (region: string) => ({ account, region });
  const keysIn = (region: string) =>
    new KmsStack(app, names.of(`keys-${region}`), {
      env: env(region),
      deployment,
      names,
      description: `Keyward ${stage}: keys`,
    });
  const keysAtHome = keysIn(homeRegion);
  const keysOf = new Map(
    regions.map((region) => [region, region === homeRegion ? keysAtHome : keysIn(region)] as const),
  );
  const data = new DataStack(app, names.of('data'), {
    env: env(homeRegion),
    deployment,
    names,
    description: `Keyward ${stage}: tables and the KEK secret`,
  });
  for (const keys of keysOf.values()) data.addStackDependency(keys);

  const operations = new OperationsStack(app, names.of('operations'), {
    env: env(homeRegion),
    deployment,
    names,
    keys: keysAtHome,
    kekSecretArn: data.kekSecretArn,
    description: `Keyward ${stage}: rotation`,
  });
  operations.addStackDependency(data);

  const { log } = deployment;
  for (const [region, keys] of keysOf) {
    const copy = copyOf(deployment, region);
    const copyStack =
      log &&
      copy &&
      new LogCopyStack(app, names.of(`log-copy-${region}`), {
        env: env(copy.to),
        deployment,
        log,
        names,
        copy,
        description: `Keyward ${stage}: the copy of the transparency log of ${region}`,
      });
    const logStack =
      log &&
      new LogStack(app, names.of(`log-${region}`), {
        env: env(region),
        deployment,
        log,
        names,
        keys,
        description: `Keyward ${stage}: the transparency log`,
      });
    // The stream is that of the table.
    logStack?.addStackDependency(data);
    // S3 takes no replication to a bucket that does not exist.
    if (copyStack !== undefined) logStack?.addStackDependency(copyStack);
    const api = new ApiStack(app, names.of(`api-${region}`), {
      env: env(region),
      deployment,
      names,
      keys,
      routes,
      description: `Keyward ${stage}: the API`,
    });
    api.addStackDependency(data);
    // Functions that rekey rows are updated before those that write them: an older release would neither rekey nor count a value that it does not know.
    api.addStackDependency(operations);
    // What archives events is updated before what writes them, and is there before it is asked for.
    if (logStack !== undefined) api.addStackDependency(logStack);
    const refusals = new RefusalsStack(app, names.of(`refusals-${region}`), {
      env: env(region),
      deployment,
      names,
      keys,
      description: `Keyward ${stage}: what the gateway refused`,
    });
    // The access log is the API's.
    refusals.addStackDependency(api);
  }
  if (!regions.includes(IAM_REGION)) {
    new IamEventsStack(app, names.of('iam-events'), {
      env: env(IAM_REGION),
      deployment,
      names,
      description: `Keyward ${stage}: what happens to its roles`,
    });
  }
  Tags.of(app).add('keyward:stage', stage);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
