import { formatEventLine } from '../../../core/audit/event-line';
import type { EventLines } from '../../../core/transparency/ports/event-lines';
import { getAuditItem, type AuditQueryConfig } from './audit-query';
import { readStoredEvent } from './stored-event';

/** The lines of events that one region's audit table still has, as `archive-events` archives them. */
export const createDynamoDBEventLines = (config: Omit<AuditQueryConfig, 'clock'>): EventLines => ({
  lineOf: async (place) => {
    const item = await getAuditItem(config, place);
    const image = item && readStoredEvent(item);
    if (typeof image !== 'object' || image.nonce === undefined) return undefined;
    return Buffer.from(formatEventLine({ ...image.event, nonce: image.nonce }), 'utf8');
  },
});
