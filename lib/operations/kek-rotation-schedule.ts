import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { KEK_SCHEDULE_RETRY_MS } from '../../lambdas/core/contract/function-times';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';
import { startKekRotation } from './function-permissions';
import { ScheduledTarget } from './scheduled-target';

/**
 * The first of every month, second or third month: a rate would need a start date, and one in the past is refused (EventBridge
 * Scheduler User Guide, "Schedule types").
 */
const CRONS = { 30: '0 3 1 * ? *', 60: '0 3 1 1/2 ? *', 90: '0 3 1 1/3 ? *' } as const;

/**
 * Secrets Manager requires a ClientRequestToken of 32 to 64 characters from callers without an SDK (API_RotateSecret). Scheduler
 * inserts the id of the invocation: 16 characters in its documentation, 36 if it is a UUID; with the prefix both are within the
 * limits (EventBridge Scheduler User Guide, "Adding context attributes"). It becomes the id of the secret's version.
 */
const TOKEN = 'keyward-kek-rotation-<aws.scheduler.execution-id>';

const MAX_RETRIES = 185;

/**
 * The schedule of the KEK rotation. EventBridge Scheduler is the clock; Secrets Manager knows the function, but has no rotation
 * rules, and a deployment does not rotate: it runs testSecret alone.
 */
export function kekRotationSchedule(
  scope: Construct,
  id: string,
  props: { deployment: Deployment; names: ResourceNames; key: IKey; secretArn: string; rotateKek: IFunction },
): ScheduledTarget {
  const { deployment, names, key, secretArn, rotateKek } = props;
  // Only Secrets Manager, and only for this secret, may invoke the function that can replace the KEK.
  rotateKek.addPermission('secrets-manager', {
    principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
    sourceArn: secretArn,
    sourceAccount: deployment.account,
  });
  return new ScheduledTarget(scope, id, {
    deployment,
    names,
    key,
    name: 'rotate-kek',
    description: 'Keyward: asks Secrets Manager to rotate the KEK',
    cron: CRONS[deployment.kekRotationIntervalDays],
    targetArn: 'arn:aws:scheduler:::aws-sdk:secretsmanager:rotateSecret',
    input: { SecretId: names.kekSecret, ClientRequestToken: TOKEN },
    retryMs: KEK_SCHEDULE_RETRY_MS,
    maxRetries: MAX_RETRIES,
    deadLettersName: 'rotation-dlq',
    roleName: names.kekRotationScheduleRoleName(deployment.homeRegion),
    policyName: 'rotation-schedule',
    permissions: startKekRotation({ deployment, names }),
    after: (target) => {
      const rotation = new CfnRotationSchedule(target, 'rotation', {
        secretId: secretArn,
        rotationLambdaArn: rotateKek.functionArn,
        rotateImmediatelyOnUpdate: false,
      });
      rotation.node.addDependency(rotateKek.node.findChild('secrets-manager'));
      return rotation;
    },
  });
}
