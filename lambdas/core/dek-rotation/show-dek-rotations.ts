import { SETTLE_MS } from '../contract/protocol-times';
import { KeywardError } from '../errors/errors';
import type { DekRotationReport, ShardProgress } from './dek-rotation-report';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { KeysetReader } from '../keysets/ports/keyset-store';
import type { DekRotationStore } from './ports/dek-rotation-store';
import { dekRotationNotFound } from './abort-dek-rotation';

export interface ShowDekRotationsDependencies {
  readonly store: DekRotationStore;
  /** At home. */
  readonly keysets: KeysetReader;
  readonly scanner: Pick<CredentialScanner, 'shardCount'>;
  readonly regions: readonly string[];
  readonly clock: Clock;
}

/** The API's view of a rotation. Times are ISO 8601 in UTC. */
export interface DekRotationView {
  readonly rotation_id: string;
  readonly provider: string;
  readonly status: DekRotationReport['status'];
  readonly version: number;
  readonly from_version: number;
  readonly emergency: boolean;
  readonly reason: string | null;
  readonly started_by: string;
  readonly started_at: string;
  /** Who escalated it to an emergency while it was running. */
  readonly takeover: { readonly by: string; readonly at: string; readonly reason: string | null } | null;
  readonly promoted_at: string | null;
  readonly grace_until: string | null;
  readonly ended_at: string | null;
  readonly regions: readonly {
    readonly region: string;
    readonly proved_at: string | null;
    readonly acknowledged_at: string | null;
  }[];
  readonly unproved_regions: readonly string[];
  /**
   * Counts of values: a credential has one, or two with its previous value. `total` counts the values of the `shards_begun` when
   * they began; `shards_verified` of `shards` are finished.
   */
  readonly counts: {
    readonly total: number;
    readonly moved: number;
    readonly skipped: number;
    readonly failed: number;
    readonly shards: number;
    readonly shards_begun: number;
    readonly shards_verified: number;
  };
  readonly moved_per_second: number | null;
  readonly estimated_seconds_left: number | null;
  /** Names of credentials that do not open; at most the first ones. */
  readonly failures: readonly string[];
  /** Names of credentials whose previous value does not open; at most the first ones. */
  readonly previous_failures: readonly string[];
}

export const REPORT_DAMAGED = 'the report of this rotation cannot be read';

/** @throws KeywardError `rotation_not_found`, `rotation_damaged`, `store_unavailable` */
export const createDescribeDekRotation =
  (deps: ShowDekRotationsDependencies) =>
  async ({ provider, rotation_id: id }: { provider: string; rotation_id: string }): Promise<DekRotationView> => {
    const report = await deps.store.report(provider, id);
    if (report === undefined) throw dekRotationNotFound();
    if ('damaged' in report) throw new KeywardError('rotation_damaged', REPORT_DAMAGED);
    return viewOf(deps, report);
  };

/**
 * Lists rotations, newest first. `next` is the id to continue after; missing at the end. A report that cannot be read is named
 * and affects no other.
 */
export const createListDekRotations =
  (deps: ShowDekRotationsDependencies) =>
  async (query: {
    provider: string;
    before?: string;
    limit: number;
  }): Promise<{ rotations: readonly DekRotationView[]; damaged?: readonly string[]; next?: string }> => {
    const { provider, before, limit } = query;
    const reports = await deps.store.reports(provider, { ...(before !== undefined && { before }), limit: limit + 1 });
    const page = reports.slice(0, limit);
    const rotations = await Promise.all(page.flatMap((report) => ('damaged' in report ? [] : [viewOf(deps, report)])));
    const damaged = page.flatMap((report) => ('damaged' in report ? [report.rotation_id] : []));
    const last = page.at(-1);
    return {
      rotations,
      ...(damaged.length > 0 && { damaged }),
      ...(reports.length > limit && last !== undefined && { next: last.rotation_id }),
    };
  };

async function viewOf(deps: ShowDekRotationsDependencies, report: DekRotationReport): Promise<DekRotationView> {
  const { rotation_id, provider, proofs, acknowledged, unproved_regions } = report;
  const shards = await deps.store.shards(provider, rotation_id);
  const counts = {
    total: sumOf(shards, 'total'),
    moved: sumOf(shards, 'moved'),
    skipped: sumOf(shards, 'skipped'),
    failed: sumOf(shards, 'failed'),
    shards: deps.scanner.shardCount,
    shards_begun: shards.length,
    shards_verified: shards.filter(({ phase }) => phase === 'verified').length,
  };
  return {
    rotation_id,
    provider,
    status: report.status,
    version: report.version,
    from_version: report.from_version,
    emergency: report.emergency,
    reason: report.reason,
    started_by: report.started_by,
    started_at: report.started_at,
    takeover: escalationOf(report),
    promoted_at: report.promoted_at,
    grace_until: report.grace_until,
    ended_at: report.ended_at,
    regions: [...deps.regions].sort().map((region) => ({
      region,
      proved_at: proofs[region]?.proved_at ?? null,
      acknowledged_at: acknowledged[region] ?? null,
    })),
    unproved_regions,
    counts,
    ...speedOf(shards, counts, report, deps.clock.now()),
    failures: shards.flatMap(({ failures }) => failures),
    previous_failures: shards.flatMap(({ previous_failures: names = [] }) => names),
  };
}

/**
 * The speed is measured from the beginning of the first shard until now, or until the last progress if nothing is left to rekey.
 * The estimate ends at the verification, which cannot begin before every write from before the promotion has ended; the time of
 * the verification itself is unknown. The size of shards that have not begun is estimated from the others.
 */
function speedOf(
  shards: readonly ShardProgress[],
  counts: DekRotationView['counts'],
  { ended_at: ended, promoted_at: promoted }: DekRotationReport,
  now: number,
): Pick<DekRotationView, 'moved_per_second' | 'estimated_seconds_left'> {
  const done = counts.moved + counts.skipped + counts.failed;
  const left = shards.length === 0 ? 0 : Math.max(0, (counts.total * counts.shards) / shards.length - done);
  const isMoving = ended === null && left > 0;
  const begun = Math.min(...shards.map(({ started_at }) => Date.parse(started_at)));
  const until = isMoving ? now : Math.max(...shards.map(({ updated_at }) => Date.parse(updated_at)));
  const seconds = (until - begun) / 1000;
  const isMeasured = seconds > 0 && done > 0;
  const moving = isMoving ? (isMeasured ? (left * seconds) / done : NaN) : 0;
  const waiting = promoted === null || ended !== null ? 0 : (Date.parse(promoted) + SETTLE_MS - now) / 1000;
  const longest = Math.ceil(Math.max(moving, waiting));
  return {
    moved_per_second: isMeasured ? Math.round((counts.moved / seconds) * 10) / 10 : null,
    estimated_seconds_left: longest > 0 ? longest : null,
  };
}

function escalationOf({ takeover }: DekRotationReport): DekRotationView['takeover'] {
  if (takeover === undefined) return null;
  const { by, at, reason } = takeover;
  return { by, at, reason: reason ?? null };
}

const sumOf = (shards: readonly ShardProgress[], member: 'total' | 'moved' | 'skipped' | 'failed'): number =>
  shards.reduce((total, progress) => total + progress[member], 0);
