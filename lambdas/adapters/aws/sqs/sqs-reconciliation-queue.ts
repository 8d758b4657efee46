import type { ReconciliationQueue } from '../../../core/transparency/ports/reconciliation-queue';
import { createSendMessages, type MessageQueueConfig } from './send-messages';

/** The queue of the reconciliation in SQS: a standard queue, which delivers at least once and in any order. */
export function createSqsReconciliationQueue(config: MessageQueueConfig): ReconciliationQueue {
  const send = createSendMessages(config);
  return { send: (messages) => send(messages, 0) };
}
