import { SendMessageBatchCommand, SQSClient, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { errorNameOf, failureKindOf, type ErrorName } from '../../../core/errors/error-names';
import { unusableAnswer } from '../observability/name-failures';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';
import { orUnavailable, storeUnavailable } from '../dynamodb/store-unavailable';

export interface MessageQueueConfig extends BoundedClientOptions {
  readonly queueUrl: string;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const BATCH = 10;

/**
 * Sends messages to one queue in SQS, ten at a time, and once more what it did not take.
 *
 * @returns a function that throws KeywardError `store_unavailable` if a message is not known to be on the queue
 */
export function createSendMessages(
  config: MessageQueueConfig,
): (messages: readonly object[], delaySeconds: number) => Promise<void> {
  const client = boundedClient(SQSClient, config);
  const send = (entries: readonly SendMessageBatchRequestEntry[]) => sendBatch(client, config.queueUrl, entries);
  return async (messages, delaySeconds) => {
    for (let from = 0; from < messages.length; from += BATCH) {
      const left = await send(messages.slice(from, from + BATCH).map(toEntry(delaySeconds)));
      if (left.entries.length === 0) continue;
      const { name, entries } = left.isOutage ? await send(left.entries) : left;
      if (entries.length === 0) continue;
      throw storeUnavailable(await unusableAnswer(client, 'SendMessageBatch', name), 'the queue');
    }
  };
}

const toEntry =
  (delaySeconds: number) =>
  (message: object, index: number): SendMessageBatchRequestEntry => ({
    Id: String(index),
    MessageBody: JSON.stringify(message),
    DelaySeconds: delaySeconds,
  });

/** The entries of a batch that were not sent. */
interface Left {
  readonly entries: readonly SendMessageBatchRequestEntry[];
  /** The error of one of them. */
  readonly name: ErrorName;
  /** Whether a retry may succeed. */
  readonly isOutage: boolean;
}

/** Sends a batch once. A successful call may accept only some entries; returns those that its answer does not name as sent. */
async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  entries: readonly SendMessageBatchRequestEntry[],
): Promise<Left> {
  const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...entries] });
  const { Successful = [], Failed = [] } = await orUnavailable(client.send(command), 'the queue');
  const sent = new Set(Successful.map(({ Id }) => Id));
  // "Specifies whether the error happened due to the caller of the batch API action" (API_BatchResultErrorEntry).
  const refused = Failed.find(({ SenderFault }) => SenderFault === true);
  const name = errorNameOf({ name: (refused ?? Failed[0])?.Code });
  return {
    entries: entries.filter(({ Id }) => !sent.has(Id)),
    name: name === 'other' ? 'UnusableAnswer' : name,
    isOutage: refused === undefined && failureKindOf({ name }) === 'outage',
  };
}
