import { createHash } from 'node:crypto';
import { formatEventLine } from '../../../lambdas/core/audit/event-line';
import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import { createArchiveChanges } from '../../../lambdas/core/transparency/archive-changes';
import { readChanges } from '../../../lambdas/core/transparency/archive-events-event';
import { createBeginReconciliation } from '../../../lambdas/core/transparency/begin-reconciliation';
import { createLoggedIn } from '../../../lambdas/core/transparency/logged-hour';
import type { StoredImage } from '../../../lambdas/core/transparency/ports/event-change';
import type { ReconciliationMessage } from '../../../lambdas/core/transparency/ports/reconciliation-queue';
import type { TileSource } from '../../../lambdas/core/transparency/ports/tile-source';
import { createReconcileBatches } from '../../../lambdas/core/transparency/reconcile-batches';
import { createReconcileDay } from '../../../lambdas/core/transparency/reconcile-day';
import { reconciliationMessages } from '../../../lambdas/core/transparency/reconciliation-messages';
import { readStoredEvent } from '../../../lambdas/adapters/aws/dynamodb/stored-event';
import type { AuditItem } from '../../../lambdas/adapters/aws/dynamodb/audit-item';
import { auditEvent, recordOf } from '../../contract/audit-events';
import { CountingMetrics, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { OutsideCalls, type PlannedInterruption } from '../../doubles/stop-the-world';
import { memoryArchive, memoryEventArchive, memoryLogStore, type Through } from '../../doubles/transparency/memory-log';
import {
  memoryEventPages,
  memoryReconciliationQueue,
  type EventRow,
} from '../../doubles/transparency/memory-reconciliation';
import { publisherWorld, REGION, START } from './publisher-world';

export const DAY_MS = 86_400_000;
const TABLE = 'keyward-audit';
const direct: Through = async (_, act) => act();

/** An event by its number, the same each time: one every 20 minutes from the log's start on. */
export function eventOf(number: number, change: Partial<AuditEvent> = {}): AuditEvent {
  const time = Date.parse(change.timestamp ?? new Date(START + number * 1_200_000).toISOString());
  const random = createHash('sha256').update(`event ${number}`).digest('hex');
  return auditEvent({
    id: time.toString(16).padStart(12, '0') + random.slice(0, 20),
    timestamp: new Date(time).toISOString(),
    region: REGION,
    ...change,
  });
}

/** A table, a log with its publisher, and the reconciliation between them, in memory. */
export function reconciliationWorld() {
  const log = publisherWorld();
  const rows: EventRow[] = [];
  const records = new Map<string, Buffer>();
  const failed = new Map<string, Buffer>();
  const messages: ReconciliationMessage[] = [];
  const [metrics, logger] = [new CountingMetrics(), new RecordingLogger()];
  const otherLogs = new Map<string, TileSource>();
  const clock = { now: () => log.now };

  /** A process of the function, each of whose outside calls may be cut off. */
  function start(calls = new OutsideCalls(), retentionDays = 30) {
    const archive = calls.through(memoryEventArchive(log.archive, direct));
    const source = calls.through(memoryArchive(log.archive, direct));
    const store = (objects: Map<string, Buffer>) =>
      calls.through(memoryLogStore(objects, { reads: 0, lists: 0 }, direct));
    const files = calls.through({
      ...memoryLogStore(log.store, log.counts, direct),
      read: async (path: string) => (path === 'checkpoint' ? log.values.checkpoint?.bytes : log.store.get(path)),
    });
    const queue = calls.through(memoryReconciliationQueue(messages));
    const use = { region: REGION, clock, metrics, logger, randomness: testRandomness, archive, queue };
    const parts = { ...use, records: store(records), files, loggedIn: createLoggedIn({ files, logger }) };
    const reading = { ...use, table: TABLE, readImage: (item: object) => readStoredEvent(item as AuditItem) };
    const deps = {
      queue,
      begin: createBeginReconciliation({
        ...parts,
        others: [...otherLogs].map(([region, other]) => ({ region, files: other })),
        retentionDays,
      }),
      reconcileDay: createReconcileDay({ ...parts, pages: calls.through(memoryEventPages(rows, REGION)), source }),
      reconcileBatches: createReconcileBatches({
        ...parts,
        archiveChanges: createArchiveChanges(use),
        batches: store(failed),
        changesOf: (event) => readChanges(event, reading),
      }),
    };
    return (message: ReconciliationMessage, deadline = Infinity) =>
      reconciliationMessages.serve(message, deps, deadline);
  }

  /** Serves messages until there are none, each as often as it fails; a place of the deadline after each page is kept. */
  async function drain(
    plan: readonly PlannedInterruption[] = [],
    { deadline = Infinity, retentionDays = 30, begin = true } = {},
  ): Promise<OutsideCalls> {
    const calls = new OutsideCalls(plan);
    const serve = start(calls, retentionDays);
    if (begin) messages.push({ kind: 'begin' });
    for (let message = messages[0]; message !== undefined; message = messages[0]) {
      try {
        await serve(message, deadline);
        const at = messages.indexOf(message);
        if (at >= 0) messages.splice(at, 1);
      } catch (thrown) {
        if (!(thrown instanceof Error) || thrown.name !== 'Interrupted') throw thrown;
        calls.restart();
      }
    }
    return calls;
  }

  return {
    log,
    rows,
    records,
    failed,
    messages,
    metrics,
    logger,
    otherLogs,
    start,
    drain,
    /** Stores an event; `nonce: undefined` is one of an earlier release. */
    store(event: AuditEvent, image?: StoredImage): void {
      const { nonce } = recordOf(event);
      rows.push({ ...event, image: image ?? { event, nonce, expiresAt: undefined } });
    },
    archive(events: readonly AuditEvent[]): void {
      log.archiveLines(events.map((event) => formatEventLine(recordOf(event))));
    },
    /** The ids that the log has, of all ranges. */
    logged: (): string[] =>
      [...log.store]
        .filter(([path]) => path.startsWith('index/'))
        .flatMap(([, bytes]) =>
          Array.from({ length: bytes.length / 22 }, (_, at) => bytes.toString('hex', at * 22, at * 22 + 16)),
        )
        .toSorted(),
    archivedIds: (): string[] =>
      [...log.archive.values()].flatMap((objects) =>
        [...objects.values()].flatMap((bytes) =>
          bytes
            .toString()
            .split('\n')
            .slice(0, -1)
            .map((line) => (JSON.parse(line) as { id: string }).id),
        ),
      ),
  };
}

export type ReconciliationWorld = ReturnType<typeof reconciliationWorld>;
