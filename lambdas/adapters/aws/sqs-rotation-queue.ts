import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import type { RotationMessage, RotationQueue } from '../../core/ports/rotation-queue';
import { createSqsClient, type SqsClientOptions } from './sqs-client';
import { orUnavailable, storeUnavailable } from './store-unavailable';

export interface RotationQueueConfig extends SqsClientOptions {
  readonly queueUrl: string;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const BATCH = 10;

/** The rotation queue in SQS: a standard queue, whose messages come at least once and in any order. */
export function createSqsRotationQueue(config: RotationQueueConfig): RotationQueue {
  const client = createSqsClient(config);
  return {
    send: async (messages, delaySeconds) => {
      for (let from = 0; from < messages.length; from += BATCH) {
        const entries = messages.slice(from, from + BATCH).map(toEntry(delaySeconds));
        const failed = await sendBatch(client, config.queueUrl, entries);
        if (failed.length > 0 && (await sendBatch(client, config.queueUrl, failed)).length > 0) {
          throw storeUnavailable('the queue');
        }
      }
    },
  };
}

const toEntry =
  (delaySeconds: number) =>
  (message: RotationMessage, index: number): SendMessageBatchRequestEntry => ({
    Id: String(index),
    MessageBody: JSON.stringify(message),
    DelaySeconds: delaySeconds,
  });

/** @returns the entries that the answer does not name as sent: a call that succeeds may take only some of them */
async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  entries: readonly SendMessageBatchRequestEntry[],
): Promise<readonly SendMessageBatchRequestEntry[]> {
  const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...entries] });
  const { Successful = [] } = await orUnavailable(client.send(command), 'the queue');
  const sent = new Set(Successful.map(({ Id }) => Id));
  return entries.filter(({ Id }) => !sent.has(Id));
}
