import { rotationMessages } from '../core/dek-rotation/rotation-messages';
import { composeRotationWorker, systemRuntime } from '../core/runtime/compose-system';
import { createQueueHandler } from '../core/runtime/queue-handler';

export const handler = createQueueHandler(rotationMessages, systemRuntime(composeRotationWorker));
