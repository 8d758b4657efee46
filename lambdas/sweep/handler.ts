import { sweepEvent } from '../core/dek-rotation/sweep-event';
import { composeSweep, systemRuntime } from '../core/runtime/compose-system';
import { createEventHandler } from '../core/runtime/event-handler';

export const handler = createEventHandler(sweepEvent, systemRuntime(composeSweep));
