import { DAY_MS } from '../contract/time-units';
import { failureFields } from '../ports/failure-fields';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import { DAY_RECORDS, dueDays } from './due-days';
import { CHECKPOINT_PATH } from './log-path';
import type { LogStore } from './ports/log-store';
import type { ReconciliationQueue } from './ports/reconciliation-queue';
import type { TileSource } from './ports/tile-source';
import { statedTime } from './stated-time';

export interface BeginReconciliationDependencies {
  /** This region's log. */
  readonly files: TileSource;
  /** The logs of the other regions, of which the checkpoint is read. */
  readonly others: readonly { readonly region: string; readonly files: TileSource }[];
  readonly records: Pick<LogStore, 'list'>;
  readonly queue: ReconciliationQueue;
  readonly retentionDays: number;
  readonly region: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly logger: Logger;
}

/** A log is published each hour. */
const AWAY_AFTER_MS = DAY_MS;

const AWAY = "another region's transparency log was not published for a day: see docs/operations.md";
const WAITS =
  'the reconciliation waits until the transparency log is published again: it could not say what the log lacks';

/**
 * Begins the daily reconciliation: sends a message for each day that is due, and one for the batches that failed.
 *
 * What the log has cannot be told while it is not published; then nothing is begun, and what is due stays so. Another region whose log
 * was not published for a day is away, as far as this one can tell: one alarm for the region, whose events nobody else publishes.
 *
 * @throws KeywardError `store_unavailable`: the message has to be delivered again
 */
export function createBeginReconciliation(deps: BeginReconciliationDependencies): () => Promise<void> {
  const { files, others, records, queue, retentionDays, region: here, clock, metrics, logger } = deps;

  async function isAway(source: TileSource, region: string): Promise<boolean> {
    try {
      const checkpoint = await source.read(CHECKPOINT_PATH);
      return checkpoint === undefined || clock.now() - statedTime(checkpoint) > AWAY_AFTER_MS;
    } catch (thrown) {
      logger.warn(AWAY, { region, ...failureFields(thrown) });
      return true;
    }
  }

  return async () => {
    for (const { region, files: other } of others) {
      if (!(await isAway(other, region))) continue;
      metrics.count('log_away');
      logger.error(AWAY, { region });
    }
    const checkpoint = await files.read(CHECKPOINT_PATH);
    if (checkpoint === undefined || clock.now() - statedTime(checkpoint) > AWAY_AFTER_MS) {
      logger.warn(WAITS, { region: here });
      return;
    }
    const due = dueDays(clock.now(), retentionDays, await records.list(DAY_RECORDS));
    await queue.send([{ kind: 'batches' }, ...due.map((day) => ({ kind: 'day', ...day, found: 0 }) as const)]);
  };
}
