import { type CfnResource, Duration, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';
import { safeQueue } from './safe-queue';

export interface ScheduledTargetProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly key: IKey;
  /** Name of the schedule without the stage. */
  readonly name: string;
  readonly description: string;
  /** Not `rate(…)`: without a start date that starts at once, and a deployment must never start a rotation. */
  readonly cron: string;
  /** ARN of the target. */
  readonly targetArn: string;
  readonly input: object;
  /** How long and how often a failed call is retried. */
  readonly retryMs: number;
  readonly maxRetries: number;
  readonly deadLettersName: string;
  readonly roleName: string;
  readonly policyName: string;
  /** Permissions of the call. */
  readonly permissions: readonly PolicyStatement[];
  /** Makes the resource that the schedule depends on. */
  readonly after?: (scope: Construct) => CfnResource;
}

/** A schedule of EventBridge Scheduler, with its own role and a dead-letter queue. */
export class ScheduledTarget extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: ScheduledTargetProps) {
    super(scope, id);
    const { deployment, key, names } = props;
    const before = props.after?.(this);
    this.deadLetters = safeQueue(this, 'dlq', { queueName: names.of(props.deadLettersName), key });
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue itself: that of the schedule.',
    });
    const role = new Role(this, 'role', {
      roleName: props.roleName,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': deployment.account } },
      }),
      inlinePolicies: {
        [props.policyName]: new PolicyDocument({
          statements: [
            ...props.permissions,
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
          ],
        }),
      },
    });
    const schedule = new CfnSchedule(this, 'schedule', {
      name: names.of(props.name),
      description: props.description,
      scheduleExpression: `cron(${props.cron})`,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: props.targetArn,
        roleArn: role.roleArn,
        input: JSON.stringify(props.input),
        deadLetterConfig: { arn: this.deadLetters.queueArn },
        retryPolicy: {
          maximumEventAgeInSeconds: Duration.millis(props.retryMs).toSeconds(),
          maximumRetryAttempts: props.maxRetries,
        },
      },
    });
    if (before !== undefined) schedule.addResourceDependency(before);
  }
}
