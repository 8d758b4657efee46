import type { DekRotationQueue } from '../../../core/dek-rotation/ports/dek-rotation-queue';
import { createSendMessages, type MessageQueueConfig } from './send-messages';

/** The rotation queue in SQS: a standard queue, which delivers at least once and in any order. */
export const createSqsDekRotationQueue = (config: MessageQueueConfig): DekRotationQueue => ({
  send: createSendMessages(config),
});
