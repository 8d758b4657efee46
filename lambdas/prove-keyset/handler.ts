import { proveKeysetEvent } from '../core/dek-rotation/prove-keyset-event';
import { composeProveKeyset, systemRuntime } from '../core/runtime/compose-system';
import { createEventHandler } from '../core/runtime/event-handler';

export const handler = createEventHandler(proveKeysetEvent, systemRuntime(composeProveKeyset));
