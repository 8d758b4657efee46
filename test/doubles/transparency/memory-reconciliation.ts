import { auditBucket } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { StoredImage } from '../../../lambdas/core/transparency/ports/event-change';
import type { EventPages } from '../../../lambdas/core/transparency/ports/event-pages';
import type {
  ReconciliationMessage,
  ReconciliationQueue,
} from '../../../lambdas/core/transparency/ports/reconciliation-queue';

/** A row of the audit log: its key, and what is read there. */
export interface EventRow {
  readonly provider: string | null;
  readonly timestamp: string;
  readonly id: string;
  readonly region: string;
  readonly image: StoredImage;
}

const keyOf = ({ timestamp, id }: EventRow): string => `${timestamp}#${id}`;
const partOf = ({ provider, timestamp, id }: EventRow): string => auditBucket(provider, timestamp, id);

/** The events of a region among rows, a few a page. As in DynamoDB a page may have none and not be the last one. */
export function memoryEventPages(rows: readonly EventRow[], region: string, pageSize = 2): EventPages {
  return {
    parts: async (day) =>
      [...new Set(rows.filter(({ timestamp }) => timestamp.startsWith(day)).map(partOf))].toSorted(),
    page: async ({ part, hour, after = '' }) => {
      const all = rows
        .filter((row) => partOf(row) === part && row.timestamp.startsWith(`${hour}:`) && keyOf(row) > after)
        .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      const read = all.slice(0, pageSize);
      return {
        images: read.filter((row) => row.region === region).map(({ image }) => image),
        readTo: read.length < all.length ? keyOf(read.at(-1) as EventRow) : undefined,
      };
    },
  };
}

/** A queue whose messages a test takes. */
export const memoryReconciliationQueue = (messages: ReconciliationMessage[]): ReconciliationQueue => ({
  send: async (sent) => {
    // As they come out of JSON: the schema refuses what it does not know.
    messages.push(...sent.map((message) => JSON.parse(JSON.stringify(message)) as ReconciliationMessage));
  },
});
