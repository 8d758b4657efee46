import { composeArchiveEvents } from '../core/runtime/compose-log';
import { systemRuntime } from '../core/runtime/compose-system';
import { createEventHandler, type EventHandler } from '../core/runtime/event-handler';
import { createQueueHandler, isQueueEvent } from '../core/runtime/queue-handler';
import { archiveEventsEvent } from '../core/transparency/archive-events-event';
import { reconciliationMessages } from '../core/transparency/reconciliation-messages';

const runtime = systemRuntime(composeArchiveEvents);
const archive = createEventHandler(archiveEventsEvent, runtime);
const reconcile = createQueueHandler(reconciliationMessages, runtime);

/** The one function that may put into the archive, so it serves the table's stream and the reconciliation's queue. */
export const handler: EventHandler<object> = (event, context) =>
  (isQueueEvent(event) ? reconcile : archive)(event, context);
