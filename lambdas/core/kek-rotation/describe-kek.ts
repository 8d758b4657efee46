import type { KekHome } from '../contract/kek-homes';
import { DAY_MS } from '../contract/time-units';
import { parseKekSecretRecord, type KekRecord } from '../crypto/kek-keyset';
import type { Clock } from '../ports/clock';
import { toKekMoveView, type KekMoveView } from '../kek-move/kek-move-view';
import type { KekMoveReader } from '../kek-move/ports/kek-move-store';
import { MAX_TRIES } from './kek-rotation-driver';
import type { KekSecretReplica, KekSecretStore, KekVersionReader } from './ports/kek-secret-store';
import type { PendingKek } from './ports/pending-kek';
import { pendingOf } from './staged-versions';

/** Where the KEK is. */
export interface KekPlace {
  readonly source: KekHome;
  /** Name of the file, name of the secret, or path in Vault. */
  readonly place: string;
}

export interface DescribeKekDependencies extends KekPlace {
  /** In the home region. */
  readonly secret: Pick<KekSecretStore, 'versions'> & KekSecretReplica;
  /** Absent where Secrets Manager drives the rotation: it tells no number of tries. */
  readonly pending?: Pick<PendingKek, 'tries'>;
  /** Other regions. */
  readonly others: readonly KekVersionReader[];
  readonly intervalDays: number;
  readonly newestMove: KekMoveReader;
  readonly clock: Clock;
}

/** The KEK and its rotation, without key material. Times are ISO 8601 in UTC. */
export interface KekView extends KekPlace {
  readonly version_id: string;
  /** Id of the KEK that wraps. */
  readonly kek_id: string;
  /** KEKs in the secret, with those that only unwrap. */
  readonly kek_count: number;
  readonly created_at: string;
  readonly age_days: number;
  readonly interval_days: number;
  readonly next_rotation_at: string;
  /** The rotation that has not ended. */
  readonly pending: {
    readonly version_id: string;
    readonly tries: number | null;
    readonly max_tries: number | null;
  } | null;
  readonly regions: readonly { readonly region: string; readonly state: KekRegionState }[];
  /** The newest move of the KEK; left out: it was never moved. */
  readonly move?: KekMoveView;
}

/** Whether a region returns the current version, another one, or none. */
type KekRegionState = 'current' | 'behind' | 'no_answer';

export type DescribeKek = () => Promise<KekView>;

/**
 * Makes a function that describes the KEK as the home region has it now, and which other regions return that version.
 *
 * @throws KeywardError `store_unavailable` if the home region does not answer; `keys_unavailable` if it holds no KEK, or a damaged
 *   one. Another region that does not answer is a state
 */
export const createDescribeKek =
  (deps: DescribeKekDependencies): DescribeKek =>
  async () => {
    const { source, place, secret, others, intervalDays, newestMove, clock } = deps;
    const [{ versionId, value }, versions, move] = await Promise.all([
      secret.current(),
      secret.versions(),
      newestMove.read(),
    ]);
    const { primary, keys } = parseKekSecretRecord(value);
    // The check ensures that the primary is among the keys.
    const { created_at: createdAt } = keys[primary] as KekRecord;
    const createdMs = Date.parse(createdAt);
    const pendingId = pendingOf(versions);
    const states = others.map(async (each) => ({ region: each.region, state: await stateOf(each, versionId) }));
    return {
      source,
      place,
      version_id: versionId,
      kek_id: primary,
      kek_count: Object.keys(keys).length,
      created_at: createdAt,
      age_days: Math.max(0, Math.floor((clock.now() - createdMs) / DAY_MS)),
      interval_days: intervalDays,
      next_rotation_at: new Date(createdMs + intervalDays * DAY_MS).toISOString(),
      pending: pendingId === undefined || pendingId === versionId ? null : await pendingView(deps, pendingId),
      regions: [{ region: secret.region, state: 'current' }, ...(await Promise.all(states))],
      ...(move !== undefined && { move: toKekMoveView(move) }),
    };
  };

async function pendingView({ pending }: DescribeKekDependencies, versionId: string): Promise<KekView['pending']> {
  if (pending === undefined) return { version_id: versionId, tries: null, max_tries: null };
  // It may have ended meanwhile.
  const tries = await pending.tries(versionId);
  return tries === undefined ? null : { version_id: versionId, tries, max_tries: MAX_TRIES };
}

async function stateOf(replica: KekVersionReader, versionId: string): Promise<KekRegionState> {
  try {
    return (await replica.current()).versionId === versionId ? 'current' : 'behind';
  } catch {
    return 'no_answer';
  }
}
