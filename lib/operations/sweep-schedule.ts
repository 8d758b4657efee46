import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { SWEEP_RETRY_MS } from '../../lambdas/core/contract/function-times';
import { SWEEP_EVENT } from '../../lambdas/core/contract/system-events';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';
import { ScheduledTarget } from './scheduled-target';

const HOURLY = '17 * * * ? *';

const MAX_RETRIES = 10;

/** The schedule of the sweep. */
export const sweepSchedule = (
  scope: Construct,
  id: string,
  props: { deployment: Deployment; names: ResourceNames; key: IKey; sweep: IFunction },
): ScheduledTarget => {
  const { deployment, names, key, sweep } = props;
  return new ScheduledTarget(scope, id, {
    deployment,
    names,
    key,
    name: 'sweep',
    description: 'Keyward: the hourly sweep',
    cron: HOURLY,
    targetArn: sweep.functionArn,
    input: SWEEP_EVENT,
    retryMs: SWEEP_RETRY_MS,
    maxRetries: MAX_RETRIES,
    deadLettersName: 'sweep-dlq',
    roleName: names.of(`sweep-schedule-${deployment.homeRegion}`),
    policyName: 'sweep-schedule',
    permissions: [
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [names.functionArn('sweep', deployment.homeRegion)],
      }),
    ],
  });
};
