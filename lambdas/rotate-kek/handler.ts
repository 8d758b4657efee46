import { rotateKekEvent } from '../core/kek-rotation/rotate-kek-event';
import { composeRotateKek, systemRuntime } from '../core/runtime/compose-system';
import { createEventHandler } from '../core/runtime/event-handler';

export const handler = createEventHandler(rotateKekEvent, systemRuntime(composeRotateKek));
