import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ResourceNames } from './resource-names';

/** Lambda asks for six times the function's timeout (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const VISIBILITY_PER_TIMEOUT = 6;
/** A message comes again until every region returns the new KEK; after half a day of that somebody must look. */
const PATIENCE = Duration.hours(12);

/** Messages that a KEK has become current, and those that nobody could serve. */
export class RewrapQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: { names: ResourceNames; key: IKey; functionTimeout: Duration }) {
    super(scope, id);
    const { names, key, functionTimeout } = props;
    const safety = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    };
    const visibilityTimeout = Duration.seconds(VISIBILITY_PER_TIMEOUT * functionTimeout.toSeconds());
    this.deadLetters = new Queue(this, 'dlq', { queueName: names.of('rewrap-dlq'), ...safety });
    this.queue = new Queue(this, 'queue', {
      queueName: names.of('rewrap'),
      ...safety,
      visibilityTimeout,
      deadLetterQueue: {
        queue: this.deadLetters,
        maxReceiveCount: Math.ceil(PATIENCE.toSeconds() / visibilityTimeout.toSeconds()),
      },
    });
  }
}
