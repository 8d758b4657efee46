import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface SafeQueueProps extends Pick<QueueProps, 'visibilityTimeout' | 'deadLetterQueue'> {
  readonly queueName: string;
  readonly key: IKey;
}

/** Makes a queue that is encrypted at rest and in transit, and keeps messages for two weeks. */
export const safeQueue = (scope: Construct, id: string, { key, ...props }: SafeQueueProps): Queue =>
  new Queue(scope, id, {
    ...props,
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
