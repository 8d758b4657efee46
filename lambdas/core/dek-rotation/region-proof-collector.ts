import type { DekVersionRecord } from '../keysets/keyset-record';
import { keysUnavailable } from '../errors/errors';
import type { Randomness } from '../crypto/randomness';
import { isProof, newNonce } from './dek-proof';
import type { RegionProofRecord } from './dek-rotation-report';
import { unwrapDek } from '../crypto/wrapped-dek';
import type { Clock } from '../ports/clock';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';
import type { RegionProver } from './ports/region-prover';
import type { KeysetAtHome } from '../keysets/keyset-writer';

export interface RegionProofCollectorDependencies {
  /** One for each region, home first. */
  readonly provers: readonly [RegionProver, ...RegionProver[]];
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

export interface CollectedProofs {
  /** Proofs by region that hold for the current revision and KEK. */
  readonly records: Readonly<Record<string, RegionProofRecord>>;
  /** Regions without a proof. */
  readonly missing: readonly string[];
}

/** Collects the regions' proofs that they can unwrap a version. */
export class RegionProofCollector {
  constructor(private readonly deps: RegionProofCollectorDependencies) {}

  get homeRegion(): string {
    return this.deps.provers[0].region;
  }

  /**
   * Asks in parallel all regions that have no proof for this revision and KEK. Does not throw for regions without an answer.
   *
   * @param known earlier proofs
   * @param settled regions that need not be asked
   */
  async collect(
    { record, kek }: KeysetAtHome,
    version: number,
    known: Readonly<Record<string, RegionProofRecord>>,
    settled: readonly string[] = [],
  ): Promise<CollectedProofs> {
    const { provider, revision, kek_id } = record;
    // Callers ask for a pending version or the primary, and both have a key.
    const { encrypted_dek: wrapped } = record.versions[version] as DekVersionRecord;
    const dek = unwrapDek(kek, provider, version, wrapped as string);
    const proved = new Map(
      Object.entries(known).filter(([, proof]) => proof.revision === revision && proof.kek_id === kek_id),
    );
    const open = this.deps.provers.filter(({ region }) => !proved.has(region) && !settled.includes(region));
    await Promise.all(
      open.map(async (prover) => {
        const challenge = { provider, version, revision, kek_id, nonce: newNonce(this.deps.randomness) };
        try {
          const proof = await prover.prove(challenge);
          if (!isProof(proof, dek, challenge, prover.region)) throw keysUnavailable('unwrap_failed');
          proved.set(prover.region, { proved_at: new Date(this.deps.clock.now()).toISOString(), revision, kek_id });
        } catch (thrown) {
          const fields = { region: prover.region, provider, ...failureFields(thrown) };
          this.deps.logger.warn('a region has not proved a key version', fields);
        }
      }),
    );
    const missing = this.deps.provers.map(({ region }) => region);
    return {
      records: Object.fromEntries(proved),
      missing: missing.filter((region) => !proved.has(region) && !settled.includes(region)),
    };
  }
}
