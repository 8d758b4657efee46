import type { EndedDekRotation, KeysetRecord, RunningDekRotation } from '../keysets/keyset-record';
import { KeywardError } from '../errors/errors';
import { newId, type Randomness } from '../crypto/randomness';
import type { KeysetFollower } from '../keysets/keyset-writer';
import { intactReport, type DekRotationReport } from './dek-rotation-report';
import type { DekRotationStore } from './ports/dek-rotation-store';

/** The changed members of a report. */
export type ReportChange = Partial<
  Pick<
    DekRotationReport,
    | 'status'
    | 'emergency'
    | 'promoted_at'
    | 'grace_until'
    | 'ended_at'
    | 'proofs'
    | 'acknowledged'
    | 'unproved_regions'
    | 'takeover'
  >
>;

const MAX_ATTEMPTS = 5;

/** Keeps the reports of rotations in step with the keysets, which decide. Every method may be repeated at any time. */
export class DekRotationReports implements KeysetFollower {
  constructor(private readonly deps: { store: DekRotationStore; randomness: Randomness }) {}

  /** Follows a change that the report shows; any other change costs nothing. */
  async noteChange(before: KeysetRecord, after: KeysetRecord): Promise<void> {
    if (isTold(before, after)) await this.follow(after);
  }

  /**
   * Updates the reports of the running rotation and of the one that ended last.
   *
   * @returns the report of the running rotation
   * @throws KeywardError `store_unavailable`, `conflict`
   */
  async follow(record: KeysetRecord): Promise<DekRotationReport | undefined> {
    const { provider, rotation, last_rotation: last } = record;
    if (last !== undefined) await this.finish(record, last);
    if (rotation === undefined) return undefined;
    const from = record.versions[rotation.from_version];
    return this.write(provider, rotation.id, (report) => {
      const current = report ?? firstReport(provider, rotation);
      // A keyset that was read before the last step must not set the report back.
      if (current.ended_at !== null || (current.promoted_at !== null && rotation.promoted_at === undefined)) {
        return undefined;
      }
      const wanted: ReportChange = {
        status: rotation.phase,
        emergency: current.emergency || rotation.emergency,
        promoted_at: rotation.promoted_at ?? null,
        grace_until: from?.grace_until ?? current.grace_until,
        ...(rotation.takeover !== undefined && { takeover: rotation.takeover }),
      };
      return report !== undefined && agrees(current, wanted) ? undefined : { ...current, ...wanted };
    });
  }

  /** Changes an existing report. */
  change(
    provider: string,
    rotationId: string,
    change: (report: DekRotationReport) => ReportChange,
  ): Promise<DekRotationReport | undefined> {
    return this.write(provider, rotationId, (report) => {
      if (report === undefined) return undefined;
      const wanted = change(report);
      return agrees(report, wanted) ? undefined : { ...report, ...wanted };
    });
  }

  /** A grace period may start after the rotation's end: then the report gets the grace period's end. */
  private async finish(record: KeysetRecord, { id, outcome, ended_at }: EndedDekRotation): Promise<void> {
    await this.change(record.provider, id, (report) => ({
      status: outcome,
      ended_at,
      grace_until: record.versions[report.from_version]?.grace_until ?? report.grace_until,
    }));
  }

  private async write(
    provider: string,
    rotationId: string,
    next: (report: DekRotationReport | undefined) => DekRotationReport | undefined,
  ): Promise<DekRotationReport | undefined> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const current = intactReport(await this.deps.store.report(provider, rotationId));
      const wanted = next(current);
      if (wanted === undefined) return current;
      const expected = current?.revision ?? 0;
      const report = { ...wanted, revision: expected + 1, write_id: newId(this.deps.randomness) };
      if ((await this.deps.store.putReport(report, expected)) === 'written') return report;
    }
    throw new KeywardError('conflict', 'other writers keep changing this report; try again');
  }
}

/** Whether a difference concerns a report: the rotation, its end, or the start of a grace period. */
const isTold = (before: KeysetRecord, after: KeysetRecord): boolean =>
  JSON.stringify([before.rotation, before.last_rotation]) !== JSON.stringify([after.rotation, after.last_rotation]) ||
  Object.entries(after.versions).some(
    ([number, { grace_until: until }]) => until !== undefined && until !== before.versions[number]?.grace_until,
  );

function firstReport(provider: string, rotation: RunningDekRotation): DekRotationReport {
  const { id, reason, idempotency, version, from_version, emergency, started_at, started_by } = rotation;
  return {
    provider,
    rotation_id: id,
    revision: 0,
    write_id: '',
    status: rotation.phase,
    version,
    from_version,
    emergency,
    reason: reason ?? null,
    started_by,
    started_at,
    promoted_at: null,
    grace_until: null,
    ended_at: null,
    proofs: {},
    acknowledged: {},
    unproved_regions: [],
    ...(idempotency !== undefined && { idempotency }),
  };
}

/** Compares members as JSON: they are small, and only this file writes them. */
const agrees = (report: DekRotationReport, wanted: ReportChange): boolean =>
  (Object.keys(wanted) as (keyof ReportChange)[]).every(
    (member) => JSON.stringify(report[member]) === JSON.stringify(wanted[member]),
  );
