import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  ARCHIVE_EVENTS_MS,
  RECONCILIATION_PATIENCE_MS,
  RECONCILIATION_RETRY_MS,
} from '../../lambdas/core/contract/function-times';
import { BEGIN_RECONCILIATION } from '../../lambdas/core/contract/system-events';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';
import { ScheduledTarget } from './scheduled-target';
import { WorkQueue } from './work-queue';

/** Long after the day's end, so that the day before yesterday is older than a day to its last event; not with the publication. */
const DAILY = '37 3 * * ? *';
const MAX_RETRIES = 100;
/** Days that are read at once, and Lambda's fewest: more would take capacity of the table and of Lambda from callers. */
const MAX_READERS = 2;

/**
 * Once a day has the events archived that no log has: a schedule sends a message, and `archive-events`, which alone may put into the
 * archive, serves the queue beside the table's stream. It sends itself a message for each day to be read, and for what is left of one.
 */
export class Reconciliation extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly schedule: ScheduledTarget;

  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; messagesKey: IKey; archiver: IFunction },
  ) {
    super(scope, id);
    const { deployment, names, messagesKey: key } = props;
    const { region } = Stack.of(this);
    const work = new WorkQueue(this, 'work', {
      names,
      key,
      name: 'reconciliation',
      functionTimeout: Duration.millis(ARCHIVE_EVENTS_MS),
      patience: Duration.millis(RECONCILIATION_PATIENCE_MS),
    });
    this.queue = work.queue;
    this.deadLetters = work.deadLetters;
    this.schedule = new ScheduledTarget(this, 'daily', {
      deployment,
      names,
      key,
      name: 'reconciliation',
      description: 'Keyward: the daily search for audit events that no transparency log has',
      cron: DAILY,
      targetArn: this.queue.queueArn,
      input: BEGIN_RECONCILIATION,
      retryMs: RECONCILIATION_RETRY_MS,
      maxRetries: MAX_RETRIES,
      deadLettersName: 'reconciliation-schedule-dlq',
      roleName: names.of(`reconciliation-schedule-${region}`),
      policyName: 'reconciliation-schedule',
      permissions: [
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [names.queueArn('reconciliation', region)] }),
      ],
    });

    const source = new EventSourceMapping(this, 'source', {
      target: props.archiver,
      eventSourceArn: this.queue.queueArn,
      // A message may use the whole time of the function, so a batch has one message.
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: MAX_READERS,
    });
    // Lambda looks whether the role may receive messages.
    source.node.addDependency(props.archiver);
  }
}
