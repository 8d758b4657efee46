import { Duration, Validations } from 'aws-cdk-lib';
import { SWEEP_RETRY_MS } from '../../lambdas/core/contract/function-times';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SWEEP_EVENT } from '../../lambdas/core/contract/system-events';
import type { Deployment } from '../configuration';
import type { ResourceNames } from '../resource-names';

/** Not `rate(1 hour)`, which would start with the deployment: a deployment never rotates anything. */
const HOURLY = 'cron(17 * * * ? *)';

const RETRY_WINDOW = Duration.millis(SWEEP_RETRY_MS);
const MAX_RETRIES = 10;

/** When the sweep runs: EventBridge Scheduler is the clock. */
export class SweepSchedule extends Construct {
  readonly deadLetters: Queue;

  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; key: IKey; sweep: IFunction },
  ) {
    super(scope, id);
    const { deployment, names, key, sweep } = props;
    this.deadLetters = new Queue(this, 'dlq', {
      queueName: names.of('sweep-dlq'),
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
      roleName: names.of(`sweep-schedule-${deployment.homeRegion}`),
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': deployment.account } },
      }),
      inlinePolicies: {
        'sweep-schedule': new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: [names.functionArn('sweep', deployment.homeRegion)],
            }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
          ],
        }),
      },
    });
    new CfnSchedule(this, 'schedule', {
      name: names.of('sweep'),
      description: 'Keyward: the hourly round of the rotations',
      scheduleExpression: HOURLY,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: sweep.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(SWEEP_EVENT),
        deadLetterConfig: { arn: this.deadLetters.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: RETRY_WINDOW.toSeconds(), maximumRetryAttempts: MAX_RETRIES },
      },
    });
  }
}
