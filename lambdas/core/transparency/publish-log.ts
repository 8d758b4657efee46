import { HOUR_MS, SECOND_MS } from '../contract/time-units';
import type { Logger } from '../ports/logger';
import { failureFields } from '../ports/failure-fields';
import type { Metrics } from '../ports/metrics';
import type { Checked } from './log-fault';
import type { CheckpointWitness } from './ports/checkpoint-witness';
import { publish, type PublishDependencies, type Published } from './publish';
import { readPublished } from './published-checkpoint';
import type { LogSigners } from './signing-pair';

export interface PublishLogDependencies extends Omit<PublishDependencies, 'signers'> {
  /** Opens the log's keys, or gives them again. */
  readonly openSigners: () => Promise<LogSigners>;
  /** Left out: the checkpoints stay where they are published. */
  readonly witness?: CheckpointWitness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const REFUSED =
  'the transparency log was not published, because what is stored is not what its publisher wrote: see docs/operations.md';
const NOT_WITNESSED = 'the checkpoint was not copied to the witness; the next run copies a later one';

/**
 * One run of a log's publisher, with what others learn of it: the log's public keys beside it, metrics, and a copy of the checkpoint
 * at the witness. A fault is returned and reported; the witness's failure is reported and does not undo what was published.
 *
 * @throws what a port throws; the next run goes on
 */
export function createPublishLog(deps: PublishLogDependencies): () => Promise<Checked<Published>> {
  const { checkpoints, openSigners, witness, metrics, logger } = deps;

  async function handToWitness({ size }: Published): Promise<void> {
    if (witness === undefined) return;
    try {
      const checkpoint = await checkpoints.read();
      if (checkpoint !== undefined) await witness.keep(checkpoint.bytes, size);
    } catch (thrown) {
      metrics.count('witness_failed');
      logger.error(NOT_WITNESSED, failureFields(thrown));
    }
  }

  return async () => {
    let isPublished = false;
    try {
      const signers = await openSigners();
      const published = await publish({ ...deps, signers });
      if (published.fault !== undefined) {
        logger.error(REFUSED, { reason: published.fault });
        return published;
      }
      isPublished = true;
      const { size, counts } = published.value;
      metrics.gauge('log_size', size);
      for (const name of ['added', 'foreign', 'malformed', 'repeated'] as const) {
        metrics.gauge(`log_${name}`, counts[name]);
      }
      metrics.gauge('unpublished_age_hours', 0);
      await handToWitness(published.value);
      return published;
    } finally {
      if (!isPublished) {
        metrics.count('publish_failed');
        await measureAge(deps);
      }
    }
  };
}

/** How long the oldest unpublished event can have waited: since the last run, or since the first event. Does not throw. */
async function measureAge(deps: PublishLogDependencies): Promise<void> {
  const { archive, checkpoints, store, clock, metrics } = deps;
  try {
    const { value } = await readPublished(checkpoints, await deps.openSigners(), store);
    const [first] = value?.note === undefined ? await archive.hours(undefined) : [];
    const since = first === undefined ? (value?.cosignedAt ?? 0) * SECOND_MS : Date.parse(`${first}:00:00.000Z`);
    if (since > 0) metrics.gauge('unpublished_age_hours', Math.max(0, clock.now() - since) / HOUR_MS);
  } catch {
    // Whoever cannot read does not know; that the run failed is counted.
  }
}
