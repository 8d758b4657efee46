import { verifyKeyset, type KeysetRecord } from '../domain/dek-keyset';
import { KeywardError } from '../domain/errors';
import { parseKekSecret, type KekKeyset } from '../domain/kek-keyset';
import type { Randomness } from '../domain/randomness';
import { rewrapKeyset } from '../domain/rewrap-keyset';
import type { KekSecretReplica } from '../ports/kek-secret-store';
import type { KeysetStore } from '../ports/keyset-store';
import type { Metrics } from '../ports/metrics';
import type { RewrapRequest } from '../ports/rewrap-queue';
import type { AuditTrail } from './audit-trail';
import type { Caller } from './caller';

export interface RewrapDeksDependencies {
  /** The secret in every region; the home region's first. */
  readonly replicas: readonly [KekSecretReplica, ...KekSecretReplica[]];
  readonly keysets: KeysetStore;
  readonly providers: readonly string[];
  readonly trail: AuditTrail;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
}

/** How often one keyset is tried again in a run because somebody else wrote it first. */
const MAX_ATTEMPTS = 5;

const SYSTEM = 'keyward:rewrap-deks';

/**
 * Moves every keyset to the newest KEK, once every region returns it: before that, a region could not open what home
 * has rewrapped. Running it twice, at once, late, or for an older version does the same as running it once.
 *
 * @returns `done` where every keyset that can be moved has been, `not_yet` where a region lags or did not answer: ask
 *   again later
 * @throws KeywardError where a keyset could not be moved for another reason; what was moved stays moved
 */
export const createRewrapDeks =
  (on: RewrapDeksDependencies) =>
  async (request: RewrapRequest): Promise<'done' | 'not_yet'> => {
    if (!(await haveConverged(on.replicas))) return 'not_yet';
    const caller: Caller = {
      user_id: SYSTEM,
      ip_address: null,
      user_agent: null,
      request_id: request.secret_version_id,
    };
    const failures: unknown[] = [];
    for (const provider of on.providers) {
      await rewrapProvider(on, provider, caller).catch((thrown: unknown) => failures.push(thrown));
    }
    if (failures.length > 0) throw failures[0];
    return 'done';
  };

/** Whether every region returns the version that is current at home. */
async function haveConverged(replicas: RewrapDeksDependencies['replicas']): Promise<boolean> {
  try {
    const current = await Promise.all(replicas.map((replica) => replica.current()));
    return new Set(current.map((each) => each.versionId)).size === 1;
  } catch {
    return false;
  }
}

async function rewrapProvider(on: RewrapDeksDependencies, provider: string, caller: Caller): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const value = await on.keysets.get(provider);
    if (value === undefined) return;
    const keks = parseKekSecret((await on.replicas[0].current()).value);
    const record = verified(on, value, provider, keks);
    if (record === undefined || record.kek_id === keks.primary.id) return;
    const from = keks.keks.get(record.kek_id);
    if (from === undefined) return;
    const next = rewrapKeyset(record, from, keks.primary, on.randomness);
    const outcome = await on.trail.change(
      caller,
      {
        event_type: 'rotate',
        provider,
        key_version: next.primary_version,
        metadata: { operation: 'rewrap_keyset', write_id: next.write_id, revision: next.revision },
      },
      () => on.keysets.replace(next, record.revision),
    );
    if (outcome === 'written') return;
  }
  throw new KeywardError('conflict', 'others keep changing this keyset; try again');
}

/** A record that was damaged before is an alarm; moving the others goes on. */
function verified(
  on: RewrapDeksDependencies,
  value: unknown,
  provider: string,
  keks: KekKeyset,
): KeysetRecord | undefined {
  try {
    return verifyKeyset(value, provider, keks);
  } catch (thrown) {
    if (!(thrown instanceof KeywardError)) throw thrown;
    on.metrics.count('keyset_damaged');
    return undefined;
  }
}
