import { bootstrapEvent } from '../core/kek-rotation/bootstrap-event';
import { composeBootstrap, systemRuntime } from '../core/runtime/compose-system';
import { createEventHandler } from '../core/runtime/event-handler';

export const handler = createEventHandler(bootstrapEvent, systemRuntime(composeBootstrap));
