import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { RewrapQueue } from '../../core/ports/rewrap-queue';
import { orUnavailable } from './store-unavailable';

/** Times are in milliseconds, each for one attempt. */
export interface RewrapQueueConfig {
  readonly region: string;
  readonly queueUrl: string;
  readonly requestTimeoutMs: number;
  readonly connectionTimeoutMs: number;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
}

/** The rewrap queue in SQS: a standard queue, whose messages come at least once and in any order. */
export function createSqsRewrapQueue(config: RewrapQueueConfig): RewrapQueue {
  const { region, queueUrl, requestTimeoutMs, connectionTimeoutMs, maxAttempts } = config;
  const client = new SQSClient({
    region,
    maxAttempts,
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      connectionTimeout: connectionTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
  return {
    send: async ({ secret_version_id, kek_id }) => {
      const body = JSON.stringify({ secret_version_id, kek_id });
      await orUnavailable(client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body })));
    },
  };
}
