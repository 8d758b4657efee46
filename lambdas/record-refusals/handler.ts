import { composeRecordRefusals } from '../core/runtime/compose-refusals';
import { systemRuntime } from '../core/runtime/compose-system';
import { createEventHandler } from '../core/runtime/event-handler';
import { recordRefusalsEvent } from '../core/refusals/record-refusals-event';

export const handler = createEventHandler(recordRefusalsEvent, systemRuntime(composeRecordRefusals));
