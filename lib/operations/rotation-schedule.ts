import { Duration } from 'aws-cdk-lib';
import { KEK_SCHEDULE_RETRY_MS } from '../../lambdas/core/contract/function-times';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Deployment } from '../configuration';
import { startRotation } from './function-permissions';
import type { ResourceNames } from '../resource-names';

/**
 * Not `rate(…)`: without a start date that starts at once, and a deployment must never rotate; a start date in the past
 * is refused (EventBridge Scheduler User Guide, "Schedule types"). The first of every month, second or third month.
 */
const EXPRESSIONS = { 30: 'cron(0 3 1 * ? *)', 60: 'cron(0 3 1 1/2 ? *)', 90: 'cron(0 3 1 1/3 ? *)' } as const;

/**
 * Secrets Manager wants a ClientRequestToken of 32 to 64 characters from whoever is no SDK (API_RotateSecret). Scheduler puts the id of
 * the invocation there: 16 characters in its documentation, 36 if it were a UUID, and with the prefix within the limits either way
 * (EventBridge Scheduler User Guide, "Adding context attributes"). It becomes the id of the secret's version.
 */
const TOKEN = 'keyward-kek-rotation-<aws.scheduler.execution-id>';

const RETRY_WINDOW = Duration.millis(KEK_SCHEDULE_RETRY_MS);
const MAX_RETRIES = 185;

/**
 * When the KEK rotates. EventBridge Scheduler is the clock; Secrets Manager knows the function, but has no rules of its own,
 * and does not rotate because of a deployment: it runs testSecret alone then.
 */
export class RotationSchedule extends Construct {
  readonly deadLetters: Queue;

  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; key: IKey; secretArn: string; rotateKek: IFunction },
  ) {
    super(scope, id);
    const { deployment, names, key, secretArn, rotateKek } = props;

    // Only Secrets Manager, and only for this secret, may invoke what can replace the KEK.
    rotateKek.addPermission('secrets-manager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceArn: secretArn,
      sourceAccount: deployment.account,
    });
    const rotation = new CfnRotationSchedule(this, 'rotation', {
      secretId: secretArn,
      rotationLambdaArn: rotateKek.functionArn,
      rotateImmediatelyOnUpdate: false,
    });
    const permission = rotateKek.node.findChild('secrets-manager');
    rotation.node.addDependency(permission);

    this.deadLetters = new Queue(this, 'dlq', {
      queueName: names.of('rotation-dlq'),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue itself: that of the schedule.',
    });
    const role = new Role(this, 'role', {
      roleName: names.rotationScheduleRoleName(deployment.homeRegion),
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': deployment.account } },
      }),
      inlinePolicies: {
        'rotation-schedule': new PolicyDocument({
          statements: [
            ...startRotation({ deployment, names }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
          ],
        }),
      },
    });
    const schedule = new CfnSchedule(this, 'schedule', {
      name: names.of('rotate-kek'),
      description: 'Keyward: asks Secrets Manager to rotate the KEK',
      scheduleExpression: EXPRESSIONS[deployment.kekRotationIntervalDays],
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: 'arn:aws:scheduler:::aws-sdk:secretsmanager:rotateSecret',
        roleArn: role.roleArn,
        input: JSON.stringify({ SecretId: names.kekSecret, ClientRequestToken: TOKEN }),
        deadLetterConfig: { arn: this.deadLetters.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: RETRY_WINDOW.toSeconds(), maximumRetryAttempts: MAX_RETRIES },
      },
    });
    schedule.addResourceDependency(rotation);
  }
}
