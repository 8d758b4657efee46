import { dekRotationMessages } from '../core/dek-rotation/dek-rotation-messages';
import { composeDekRotationWorker, systemRuntime } from '../core/runtime/compose-system';
import { createQueueHandler } from '../core/runtime/queue-handler';

export const handler = createQueueHandler(dekRotationMessages, systemRuntime(composeDekRotationWorker));
