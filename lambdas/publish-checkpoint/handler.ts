import { composePublishCheckpoint } from '../core/runtime/compose-log';
import { systemRuntime } from '../core/runtime/compose-system';
import { createEventHandler } from '../core/runtime/event-handler';
import { publishCheckpointEvent } from '../core/transparency/publish-checkpoint-event';

export const handler = createEventHandler(publishCheckpointEvent, systemRuntime(composePublishCheckpoint));
