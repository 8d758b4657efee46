import type { StoredRow } from '../credentials/credential';
import { DRY_RUN_BUDGET_MS, PUBLISH_MS, SETTLE_MS } from '../contract/protocol-times';
import { nextVersion } from '../keysets/dek-keyset';
import type { KeysetRecord } from '../keysets/keyset-record';
import { invalidRequest } from '../errors/errors';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import type { KeysetAccess } from '../keysets/keyset-access';
import type { KeysetWriter } from '../keysets/keyset-writer';
import { givenReason, type Reasoned } from './given-reason';
import { heldValues, type WhichValue } from '../credentials/held-values';
import { openHeld, tryOpen } from '../credentials/open-credential';

export interface DryRunDependencies {
  readonly writer: KeysetWriter;
  readonly keysets: KeysetAccess;
  readonly scanner: CredentialScanner;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** Where a dry run continues: a shard, and the last name in it that was counted. */
export interface DryRunPosition {
  readonly shard: number;
  readonly after?: string | undefined;
}

/** What a rotation would find and do. For a large provider this is one part, and `next` is where the next part begins. */
export interface DryRunView {
  readonly provider: string;
  readonly dry_run: true;
  readonly from_version: number;
  readonly to_version: number;
  readonly credentials: number;
  /** Previous values that are kept. */
  readonly previous_values: number;
  readonly by_version: readonly ({ readonly key_version: number } & VersionCount)[];
  /** Names of credentials that do not open. */
  readonly undecryptable: readonly string[];
  /** Names of credentials whose previous value does not open. */
  readonly undecryptable_previous: readonly string[];
  /** Values, previous ones included. */
  readonly would_move: number;
  /** Estimate for rekeying the counted values with one worker, without region lag. */
  readonly estimated_seconds: number;
  /** The running rotation; another one would be refused. */
  readonly running_rotation_id?: string;
  readonly next?: DryRunPosition;
}

/** Number of values under a version. */
interface VersionCount {
  readonly credentials: number;
  readonly previous_values: number;
}

const PAGE = 100;
/** Values that one worker rekeys in a second, from `npm run bench`; see docs/operations.md. */
const MOVED_PER_SECOND = 400;

/**
 * Dry run of a rotation: counts the credentials by version and tries to open each. Writes only its audit event.
 *
 * @throws KeywardError `keys_unavailable`, `store_unavailable`, `audit_unavailable`; `invalid_request` for a position that does
 *   not exist
 */
export const createDryRun =
  (deps: DryRunDependencies) =>
  async (
    caller: Caller,
    { provider, from, ...reasoned }: { provider: string; from?: DryRunPosition } & Reasoned,
  ): Promise<DryRunView> => {
    if (from !== undefined && from.shard >= deps.scanner.shardCount)
      throw invalidRequest('cursor does not belong to this call');
    const { record } = await deps.writer.read(provider);
    const deadline = deps.clock.now() + DRY_RUN_BUDGET_MS;
    const byVersion = new Map<number, VersionCount>();
    const undecryptable: Record<WhichValue, string[]> = { current: [], previous: [] };
    let position: DryRunPosition | undefined = from ?? { shard: 0 };
    do {
      const { shard, after }: DryRunPosition = position;
      const page = await deps.scanner.page(provider, shard, { ...(after !== undefined && { after }), limit: PAGE });
      for (const row of page.rows) {
        for (const { which, key_version: version } of heldValues(row)) {
          const counted = byVersion.get(version) ?? { credentials: 0, previous_values: 0 };
          const member = COUNTED_AS[which];
          byVersion.set(version, { ...counted, [member]: counted[member] + 1 });
        }
      }
      for (const { name, which } of await damagedOf(deps.keysets, record, page.rows)) undecryptable[which].push(name);
      position = nextPosition(shard, page.next, deps.scanner.shardCount);
    } while (position !== undefined && deps.clock.now() < deadline);
    const total = (member: keyof VersionCount) =>
      [...byVersion.values()].reduce((sum, count) => sum + count[member], 0);
    const [credentials, previousValues] = [total('credentials'), total('previous_values')];
    const lost = undecryptable.current.length + undecryptable.previous.length;
    await deps.trail.record(caller, {
      event_type: 'rotate',
      provider,
      key_version: record.primary_version,
      metadata: {
        operation: 'rotation_dry_run',
        credentials,
        undecryptable: lost,
        ...givenReason(reasoned),
      },
    });
    const wouldMove = credentials + previousValues - lost;
    return {
      provider,
      dry_run: true,
      from_version: record.primary_version,
      to_version: nextVersion(record),
      credentials,
      previous_values: previousValues,
      by_version: [...byVersion]
        .map(([key_version, count]) => ({ key_version, ...count }))
        .sort((a, b) => a.key_version - b.key_version),
      undecryptable: undecryptable.current,
      undecryptable_previous: undecryptable.previous,
      would_move: wouldMove,
      estimated_seconds: Math.ceil((PUBLISH_MS + SETTLE_MS) / 1000 + wouldMove / MOVED_PER_SECOND),
      ...(record.rotation !== undefined && { running_rotation_id: record.rotation.id }),
      ...(position !== undefined && { next: position }),
    };
  };

function nextPosition(shard: number, after: string | undefined, shardCount: number): DryRunPosition | undefined {
  if (after !== undefined) return { shard, after };
  return shard + 1 < shardCount ? { shard: shard + 1 } : undefined;
}

const COUNTED_AS = { current: 'credentials', previous: 'previous_values' } as const;

/** The values of these rows that do not open. */
async function damagedOf(
  keysets: KeysetAccess,
  home: KeysetRecord,
  rows: readonly StoredRow[],
): Promise<readonly { readonly name: string; readonly which: WhichValue }[]> {
  const found = await Promise.all(
    rows.flatMap((row) =>
      heldValues(row).map(async ({ which }) => {
        const opened = await tryOpen(openHeld(keysets, row, which, home));
        return 'damaged' in opened ? [{ name: row.name, which }] : [];
      }),
    ),
  );
  return found.flat();
}
