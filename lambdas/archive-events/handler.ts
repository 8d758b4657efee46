import { composeArchiveEvents } from '../core/runtime/compose-log';
import { systemRuntime } from '../core/runtime/compose-system';
import { createEventHandler } from '../core/runtime/event-handler';
import { archiveEventsEvent } from '../core/transparency/archive-events-event';

export const handler = createEventHandler(archiveEventsEvent, systemRuntime(composeArchiveEvents));
