import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { RewrapQueue } from '../../../core/kek-rotation/ports/rewrap-queue';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';
import { orUnavailable } from '../dynamodb/store-unavailable';

export interface RewrapQueueConfig extends BoundedClientOptions {
  readonly queueUrl: string;
}

/** The rewrap queue in SQS: a standard queue, which delivers at least once and in any order. */
export function createSqsRewrapQueue(config: RewrapQueueConfig): RewrapQueue {
  const { queueUrl } = config;
  const client = boundedClient(SQSClient, config);
  return {
    send: async ({ secret_version_id, kek_id }) => {
      const body = JSON.stringify({ secret_version_id, kek_id });
      await orUnavailable(client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body })), 'the queue');
    },
  };
}
