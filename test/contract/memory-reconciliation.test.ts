import type { ReconciliationMessage } from '../../lambdas/core/transparency/ports/reconciliation-queue';
import {
  memoryEventPages,
  memoryReconciliationQueue,
  type EventRow,
} from '../doubles/transparency/memory-reconciliation';
import { keeps } from './contract';
import { eventPagesContract, reconciliationQueueContract } from './reconciliation.contract';

keeps('memoryEventPages', eventPagesContract, () => {
  const rows: EventRow[] = [];
  return {
    port: memoryEventPages(rows, 'us-east-1'),
    provider: 'openai',
    region: 'us-east-1',
    append: async (records) => {
      for (const { nonce, ...event } of records) {
        rows.push({ ...event, image: { event, nonce, expiresAt: undefined } });
      }
    },
  };
});

keeps('memoryReconciliationQueue', reconciliationQueueContract, () => {
  const messages: ReconciliationMessage[] = [];
  return { port: memoryReconciliationQueue(messages), received: () => messages };
});
