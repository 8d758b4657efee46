import { rotationMessage } from '../core/dek-rotation/rotation-message';
import { composeRotationWorker, systemRuntime } from '../core/runtime/compose-system';
import { createQueueHandler } from '../core/runtime/queue-handler';

export const handler = createQueueHandler(rotationMessage, systemRuntime(composeRotationWorker));
