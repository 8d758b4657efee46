import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { RewrapQueue } from '../../../core/kek-rotation/ports/rewrap-queue';
import { createSqsClient, type SqsClientOptions } from './sqs-client';
import { orUnavailable } from '../dynamodb/store-unavailable';

export interface RewrapQueueConfig extends SqsClientOptions {
  readonly queueUrl: string;
}

/** The rewrap queue in SQS: a standard queue, whose messages come at least once and in any order. */
export function createSqsRewrapQueue(config: RewrapQueueConfig): RewrapQueue {
  const { queueUrl } = config;
  const client = createSqsClient(config);
  return {
    send: async ({ secret_version_id, kek_id }) => {
      const body = JSON.stringify({ secret_version_id, kek_id });
      await orUnavailable(client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body })), 'the queue');
    },
  };
}
