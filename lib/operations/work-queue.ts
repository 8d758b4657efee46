import { Duration } from 'aws-cdk-lib';
import { VISIBILITY_PER_TIMEOUT } from '../../lambdas/core/contract/function-times';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueName, ResourceNames } from '../resource-names';
import { safeQueue } from './safe-queue';

export interface WorkQueueProps {
  readonly names: ResourceNames;
  readonly key: IKey;
  readonly name: QueueName;
  readonly functionTimeout: Duration;
  /** How long a message that cannot be served is retried; then an operator must act. */
  readonly patience: Duration;
}

/** The queue of one function, with its dead-letter queue. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const { names, key, name, functionTimeout, patience } = props;
    const visibilityTimeout = Duration.seconds(VISIBILITY_PER_TIMEOUT * functionTimeout.toSeconds());
    this.deadLetters = safeQueue(this, 'dlq', { queueName: names.deadLetterQueue(name), key });
    this.queue = safeQueue(this, 'queue', {
      queueName: names.of(name),
      key,
      visibilityTimeout,
      deadLetterQueue: {
        queue: this.deadLetters,
        maxReceiveCount: Math.ceil(patience.toSeconds() / visibilityTimeout.toSeconds()),
      },
    });
  }
}
