import { rewrapMessage } from '../core/kek-rotation/rewrap-message';
import { composeRewrapDeks, systemRuntime } from '../core/runtime/compose-system';
import { createQueueHandler } from '../core/runtime/queue-handler';

export const handler = createQueueHandler(rewrapMessage, systemRuntime(composeRewrapDeks));
