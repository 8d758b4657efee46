import { hash } from 'node:crypto';
import { parseStrictJson } from '../crypto/strict-json';
import { isRecord } from '../crypto/record-checks';
import { decodeUtf8 } from '../crypto/utf8';
import { KeywardError } from '../errors/errors';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { ArchiveChanges } from './archive-changes';
import { unloggedOf, type LoggedIn } from './logged-hour';
import type { EventChange } from './ports/event-change';
import type { LogFiles } from './ports/log-files';
import type { LogStore } from './ports/log-store';
import type { ReconcileBatchesMessage } from './ports/reconciliation-queue';

export interface ReconcileBatchesDependencies {
  /** The bucket of the batches that Lambda gave up. */
  readonly batches: Pick<LogFiles, 'list' | 'read'>;
  /** The changes of an event of the stream; undefined if it is none of the audit table's. */
  readonly changesOf: (event: unknown) => readonly EventChange[] | undefined;
  readonly archiveChanges: ArchiveChanges;
  readonly loggedIn: LoggedIn;
  /** Where it stands what was read back. */
  readonly records: Pick<LogStore, 'create' | 'list'>;
  readonly region: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly logger: Logger;
}

/** @returns the message with the key to go on after; undefined: all are done */
export type ReconcileBatches = (
  message: ReconcileBatchesMessage,
  deadline: number,
) => Promise<ReconcileBatchesMessage | undefined>;

/**
 * `aws/lambda/<UUID of the mapping>/<shard>/<year>/<month>/<day>/<time>-<UUID>` (Lambda Developer Guide, "Retain discarded records for a
 * DynamoDB event source").
 */
const GIVEN_UP = 'aws/lambda/';
const READ_BACK = 'reconciled/batches/';

const UNREADABLE = 'a batch that could not be archived cannot be read back: see docs/operations.md';
const DONE = 'events of a batch that could not be archived before are archived';

/** Where it stands that a batch was read back. */
const recordOf = (key: string): string => `${READ_BACK}${hash('sha256', key, 'hex')}`;

/**
 * Reads back the batches that Lambda gave up after 20 hours, each once, and archives what no log has by now. They stay where they are. One
 * that cannot be read is reported once: its events are in the table, where the reading of their day finds them.
 *
 * A batch is recorded after it was archived; a run that is cut off archives it again.
 *
 * @throws KeywardError `store_unavailable`: the message has to be delivered again
 */
export function createReconcileBatches(deps: ReconcileBatchesDependencies): ReconcileBatches {
  const { batches, changesOf, archiveChanges, loggedIn, records, region, clock, metrics, logger } = deps;

  async function readBack(bytes: Buffer): Promise<'read' | 'unreadable'> {
    try {
      const changes = changesOf(payloadOf(bytes));
      if (changes !== undefined) {
        const count = await archiveChanges(changes, (events) => unloggedOf(loggedIn, events));
        logger.info(DONE, { region, count });
        return 'read';
      }
    } catch (thrown) {
      // Anything else lies in the batch: perhaps that is why it failed, and it must not keep the next one from being read.
      if (thrown instanceof KeywardError) throw thrown;
    }
    metrics.count('failed_batch_unreadable');
    logger.error(UNREADABLE, { region });
    return 'unreadable';
  }

  return async ({ kind, after = '' }, deadline) => {
    const done = new Set(await records.list(READ_BACK));
    const keys = (await batches.list(GIVEN_UP)).filter((key) => key > after && !done.has(recordOf(key))).toSorted();
    for (const [at, key] of keys.entries()) {
      if (at > 0 && clock.now() >= deadline) return { kind, after: keys[at - 1] };
      const bytes = await batches.read(key);
      // Its time was over meanwhile.
      if (bytes === undefined) continue;
      const outcome = await readBack(bytes);
      await records.create(recordOf(key), Buffer.from(`${JSON.stringify({ key, outcome })}\n`, 'utf8'));
    }
    return undefined;
  };
}

/** What the function was given: a text within the record of the failure, which has it only in S3. */
function payloadOf(bytes: Buffer): unknown {
  const record = parseStrictJson(decodeUtf8(bytes) ?? '');
  if (!isRecord(record)) return undefined;
  const { payload } = record;
  return typeof payload === 'string' ? parseStrictJson(payload) : undefined;
}
