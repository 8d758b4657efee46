import { verifyKeyset } from '../keysets/dek-keyset';
import type { KeysetRecord } from '../keysets/keyset-record';
import { KeywardError, keysetContended } from '../errors/errors';
import { parseKekSecret, type Kek, type KekKeyset } from '../crypto/kek-keyset';
import { isProvider } from '../crypto/provider';
import type { Randomness } from '../crypto/randomness';
import type { KekMoveGuard } from '../kek-move/kek-move-guard';
import { rewrapKeyset } from './rewrap-keyset';
import type { KekSecretReplica, KekVersionReader } from './ports/kek-secret-store';
import type { KeysetScanner } from '../keysets/ports/keyset-scanner';
import type { KeysetStore } from '../keysets/ports/keyset-store';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { RewrapRequest } from './ports/rewrap-queue';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import { systemCaller } from '../ports/system-caller';
import { readStoredKeysets } from '../keysets/read-stored-keysets';

export interface RewrapDeksDependencies {
  /** The secret at home, and what the functions of every other region read. */
  readonly replicas: readonly [KekSecretReplica, ...KekVersionReader[]];
  /** In the home region. */
  readonly keysets: KeysetStore;
  /** One for each region, home included. */
  readonly scanners: readonly KeysetScanner[];
  /** Left out: the KEK cannot be moved. */
  readonly moves?: KekMoveGuard;
  readonly trail: AuditTrail;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Maximum number of attempts for one keyset in a run when other writers are faster. */
const MAX_ATTEMPTS = 5;

/**
 * Rewraps every stored keyset to the newest KEK, also of providers that are not configured, once every region returns that KEK:
 * before that, a region could not open the rewrapped keysets. Idempotent, also for concurrent or late runs and older versions.
 *
 * @returns `done` if every keyset that can be rewrapped was, `not_yet` if a region lags or did not answer, another rotation came
 *   in between, or the KEK is being moved: run it again later
 * @throws KeywardError if the keysets of a region could not be read, or one could not be rewrapped for another reason; finished
 *   rewraps stay
 */
export const createRewrapDeks =
  (deps: RewrapDeksDependencies) =>
  async (request: RewrapRequest): Promise<'done' | 'not_yet'> => {
    if ((await deps.moves?.mayChange()) === false) return 'not_yet';
    const converged = await convergedVersion(deps.replicas, request.kek_id);
    if (converged === undefined) {
      deps.metrics.count('kek_replica_lagging');
      return 'not_yet';
    }
    const caller = systemCaller('keyward:rewrap-deks', request.secret_version_id);
    const stored = await readStoredKeysets({ ...deps, keysets: deps.scanners });
    const failures = [...stored.failures];
    let outcome: 'done' | 'not_yet' = 'done';
    for (const provider of new Set(stored.rows.map((row) => row.provider))) {
      try {
        if ((await rewrapProvider(deps, provider, converged, caller)) === 'not_yet') outcome = 'not_yet';
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
    return outcome;
  };

/**
 * The version that every region returns, if it is the requested one or a later one. A home region that lags behind its own
 * rotation must not count as converged: the rewrap would not be requested again.
 */
async function convergedVersion(
  replicas: RewrapDeksDependencies['replicas'],
  kekId: string,
): Promise<string | undefined> {
  try {
    const [home, ...others] = replicas;
    const [{ versionId, value }, ...current] = await Promise.all([
      home.current(),
      ...others.map((each) => each.current()),
    ]);
    return current.every((each) => each.versionId === versionId) && parseKekSecret(value).keks.has(kekId)
      ? versionId
      : undefined;
  } catch (thrown) {
    if (thrown instanceof KeywardError && thrown.code === 'store_unavailable') return undefined;
    throw thrown;
  }
}

async function rewrapProvider(
  deps: RewrapDeksDependencies,
  provider: string,
  converged: string,
  caller: Caller,
): Promise<'done' | 'not_yet'> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const value = await deps.keysets.get(provider);
    if (value === undefined) {
      // A replica has a keyset that home has lost: nobody can write it there.
      deps.metrics.count('keyset_damaged');
      deps.logger.error('a region has a keyset that the home region lacks', {
        operation: 'rewrap-deks',
        ...(isProvider(provider) && { provider }),
      });
      return 'done';
    }
    const { versionId, value: secret } = await deps.replicas[0].current();
    // The KEK was rotated again: not every region has the new one yet, and its own message follows.
    if (versionId !== converged) return 'not_yet';
    const keks = parseKekSecret(secret);
    const record = verified(deps, value, provider, keks);
    if (record === undefined || record.kek_id === keks.primary.id) return 'done';
    // The record was verified, so its KEK is in the keyset.
    const from = keks.keks.get(record.kek_id) as Kek;
    const next = rewrapKeyset(record, from, keks.primary, deps.randomness);
    if ((await deps.moves?.mayChange()) === false) return 'not_yet';
    const outcome = await deps.trail.change(
      caller,
      {
        event_type: 'rotate',
        provider,
        key_version: next.primary_version,
        metadata: {
          operation: 'rewrap_keyset',
          write_id: next.write_id,
          revision: next.revision,
          kek_id: next.kek_id,
        },
      },
      () => deps.keysets.replace(next, record.revision),
    );
    if (outcome === 'written') return 'done';
  }
  throw keysetContended();
}

/**
 * A record that was damaged before raises an alarm, and the others are still rewrapped. A record under a KEK that the secret
 * lacks is not damaged: another run has rewrapped it to a newer KEK, or the KEK is lost, so the run must not end as `done`.
 */
function verified(
  deps: RewrapDeksDependencies,
  value: unknown,
  provider: string,
  keks: KekKeyset,
): KeysetRecord | undefined {
  try {
    return verifyKeyset(value, provider, keks);
  } catch (thrown) {
    if (!(thrown instanceof KeywardError) || thrown.reason !== 'keyset_damaged') throw thrown;
    deps.metrics.count('keyset_damaged');
    return undefined;
  }
}
