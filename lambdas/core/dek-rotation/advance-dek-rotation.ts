import type { KeysetRecord, RunningDekRotation } from '../keysets/keyset-record';
import { LONGEST_DELAY_S } from '../contract/function-times';
import { ADVANCE_PATIENCE_MS, PUBLISH_MS, SHARD_STUCK_MS, UNPROVED_ALARM_MS } from '../contract/protocol-times';
import { awaitsGrace, endDekRotation, promoteVersion, promotionOf, startGrace } from './dek-rotation';
import { toKeywardError } from '../errors/errors';
import type { DekRotationReport } from './dek-rotation-report';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { DekRotationMessage, DekRotationQueue } from './ports/dek-rotation-queue';
import type { DekRotationStore } from './ports/dek-rotation-store';
import { systemCaller } from '../ports/system-caller';
import type { KeysetAtHome, KeysetWriter } from '../keysets/keyset-writer';
import type { RegionProofCollector } from './region-proof-collector';
import { changeInStep, readInStep, type DekRotationAtHome } from './dek-rotation-in-step';
import type { DekRotationReports } from './dek-rotation-reports';

export interface AdvanceDekRotationDependencies {
  readonly writer: KeysetWriter;
  readonly reports: DekRotationReports;
  readonly store: DekRotationStore;
  readonly proofs: RegionProofCollector;
  readonly scanner: Pick<CredentialScanner, 'shardCount'>;
  readonly queue: DekRotationQueue;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Does the next steps of a provider's rotation, as far as possible now. Idempotent, also for concurrent calls.
 *
 * @returns seconds until the next call; undefined if nothing is pending or the hourly sweep is soon enough
 * @throws KeywardError as {@link KeysetWriter}; the next call continues
 */
export type AdvanceDekRotation = (provider: string) => Promise<number | undefined>;

const ADVANCER = systemCaller('keyward:rotation', 'rotation');

const SHORTEST_WAIT_S = 10;

export const createAdvanceDekRotation =
  (deps: AdvanceDekRotationDependencies): AdvanceDekRotation =>
  async (provider) => {
    let home = await readInStep(deps, provider);
    if (home.report !== undefined && home.record.rotation?.phase === 'publishing') {
      const promoted = await promote(deps, home, home.record.rotation, home.report);
      if (promoted === undefined) return waitSince(deps, home.record.rotation.started_at);
      home = promoted;
    }
    if (awaitsGrace(home.record)) home = await grace(deps, home);
    const { rotation } = home.record;
    if (rotation?.phase === 'rekeying') {
      const ended = await end(deps, home.record, rotation);
      if (!ended) await resend(deps, provider, rotation);
    }
    return awaitsGrace(home.record) ? waitSince(deps, rotation?.promoted_at) : undefined;
  };

/** Promotes the pending version once every required region has proved it; undefined if it is too early. */
async function promote(
  deps: AdvanceDekRotationDependencies,
  home: KeysetAtHome,
  rotation: RunningDekRotation,
  report: DekRotationReport,
): Promise<DekRotationAtHome | undefined> {
  const { provider, revision, kek_id } = home.record;
  const proofs = await deps.proofs.collect(home, rotation.version, report.proofs);
  await deps.reports.change(provider, rotation.id, () => ({ proofs: proofs.records }));
  const { emergency } = rotation;
  const isProved = emergency ? !proofs.missing.includes(deps.proofs.homeRegion) : proofs.missing.length === 0;
  const age = deps.clock.now() - Date.parse(rotation.started_at);
  if (!isProved || (!emergency && age < PUBLISH_MS)) {
    if (!isProved && age >= UNPROVED_ALARM_MS) deps.metrics.count('region_unproved');
    return undefined;
  }
  const unproved = proofs.missing;
  if (unproved.length > 0) deps.metrics.count('region_unproved');
  await deps.reports.change(provider, rotation.id, () => ({ unproved_regions: unproved }));
  const after = await changeInStep(deps, ADVANCER, provider, (current, step) =>
    // A proof holds for one revision and KEK.
    current.rotation?.id === rotation.id && current.revision === revision && current.kek_id === kek_id
      ? {
          next: promoteVersion(current, step),
          event_type: 'rotate',
          operation: 'promote_version',
          key_version: rotation.version,
          metadata: {
            rotation_id: rotation.id,
            from_version: rotation.from_version,
            ...(unproved.length > 0 && { unproved_regions: unproved.join(',') }),
          },
          onWritten: () => sendShards(deps, provider, rotation.id, allShards(deps)),
        }
      : undefined,
  );
  if (after.changed) return { ...after, report };
  return after.record.rotation?.phase === 'publishing' ? undefined : after;
}

/** Starts the grace period of superseded versions once every region has the promotion. */
async function grace(deps: AdvanceDekRotationDependencies, home: DekRotationAtHome): Promise<DekRotationAtHome> {
  const { report } = home;
  const { provider, primary_version: primary } = home.record;
  const known = report?.acknowledged ?? {};
  const seen = Object.keys(known);
  const { records, missing } = await deps.proofs.collect(home, primary, {}, seen);
  const at = new Date(deps.clock.now()).toISOString();
  const fresh = Object.fromEntries(Object.keys(records).map((region) => [region, at]));
  if (report !== undefined) {
    await deps.reports.change(provider, report.rotation_id, ({ acknowledged }) => ({
      acknowledged: { ...fresh, ...acknowledged },
    }));
  }
  if (missing.length > 0) return home;
  return changeInStep(deps, ADVANCER, provider, (current, step) =>
    current.primary_version === primary && awaitsGrace(current)
      ? {
          next: startGrace(current, step),
          event_type: 'rotate',
          operation: 'start_grace',
          metadata: { ...(report !== undefined && { rotation_id: report.rotation_id }) },
        }
      : undefined,
  );
}

/** Ends the rotation if every shard has been verified. */
async function end(
  deps: AdvanceDekRotationDependencies,
  { provider }: KeysetRecord,
  rotation: RunningDekRotation,
): Promise<boolean> {
  const shards = await deps.store.shards(provider, rotation.id);
  const verified = shards.filter(({ phase }) => phase === 'verified');
  if (verified.length < deps.scanner.shardCount) return false;
  const clean = verified.every(({ failed }) => failed === 0);
  if (!clean) deps.metrics.count('rekey_failed');
  await changeInStep(deps, ADVANCER, provider, (current, step) =>
    current.rotation?.id === rotation.id
      ? {
          next: endDekRotation(current, clean, step),
          event_type: 'rotate',
          operation: clean ? 'complete_rotation' : 'complete_rotation_with_failures',
          metadata: { rotation_id: rotation.id, from_version: rotation.from_version },
        }
      : undefined,
  );
  return true;
}

/** Sends the message again for every shard whose message seems to be lost. */
async function resend(
  deps: AdvanceDekRotationDependencies,
  provider: string,
  rotation: RunningDekRotation,
): Promise<void> {
  const begun = new Map((await deps.store.shards(provider, rotation.id)).map((progress) => [progress.shard, progress]));
  const stuck = allShards(deps).filter((shard) => {
    const progress = begun.get(shard);
    const since = progress === undefined ? promotionOf(rotation) : Date.parse(progress.updated_at);
    return progress?.phase !== 'verified' && deps.clock.now() - since > SHARD_STUCK_MS;
  });
  await sendShards(deps, provider, rotation.id, stuck);
}

/** Does not throw if a message cannot be sent: the sweep sends it again. */
async function sendShards(
  deps: AdvanceDekRotationDependencies,
  provider: string,
  rotationId: string,
  shards: readonly number[],
): Promise<void> {
  if (shards.length === 0) return;
  const messages = shards.map((shard): DekRotationMessage => ({
    kind: 'rekey',
    provider,
    rotation_id: rotationId,
    shard,
  }));
  await deps.queue.send(messages, 0).catch((thrown: unknown) => {
    const { code } = toKeywardError(thrown);
    deps.logger.warn('work of a rotation was not queued; the next sweep queues it', {
      operation: 'rotate',
      provider,
      code,
    });
  });
}

const allShards = (deps: AdvanceDekRotationDependencies): readonly number[] =>
  Array.from({ length: deps.scanner.shardCount }, (_, shard) => shard);

/** A quarter of the time that it has taken so far. */
function waitSince(deps: AdvanceDekRotationDependencies, since: string | undefined): number | undefined {
  const waited = deps.clock.now() - Date.parse(since ?? '');
  if (!(waited < ADVANCE_PATIENCE_MS)) return undefined;
  return Math.min(LONGEST_DELAY_S, Math.max(SHORTEST_WAIT_S, Math.ceil(waited / 4000)));
}
