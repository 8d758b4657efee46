import type { KekHome } from '../contract/kek-homes';
import { parseKekSecret, type Kek, type KekKeyset } from '../crypto/kek-keyset';
import { isProvider } from '../crypto/provider';
import type { Randomness } from '../crypto/randomness';
import { unwrapDek } from '../crypto/wrapped-dek';
import { isProof, newNonce } from '../dek-rotation/dek-proof';
import type { RegionProver } from '../dek-rotation/ports/region-prover';
import { keysUnavailable, KeywardError, toKeywardError } from '../errors/errors';
import { verifyKeyset } from '../keysets/dek-keyset';
import type { KeysetRecord } from '../keysets/keyset-record';
import type { KeysetScanner, StoredKeyset } from '../keysets/ports/keyset-scanner';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';

interface ProveCopyDependencies {
  readonly keysets: KeysetScanner;
  readonly provers: readonly RegionProver[];
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Has each region's own function unwrap each version of each keyset with its KEK of one home.
 *
 * @param secret the KEK secret, which checks the proofs
 * @returns the regions without a proof, or not yet
 * @throws KeywardError `store_unavailable`; `conflict` if a keyset is under a KEK that the secret lacks
 */
export async function regionsWithoutProof(
  deps: ProveCopyDependencies,
  home: KekHome,
  secret: string,
): Promise<readonly string[]> {
  const keks = parseKekSecret(secret);
  const records = (await deps.keysets.all()).flatMap((row) => verified(deps, row, keks) ?? []);
  const missing = await Promise.all(
    deps.provers.map(async (prover) => {
      try {
        for (const record of records) await prove(deps, prover, { record, keks, home });
        return [];
      } catch (thrown) {
        const fields = { operation: 'move_kek', region: prover.region, ...failureFields(thrown) };
        deps.logger.warn('a region does not open every keyset with the copied KEK', fields);
        return [prover.region];
      }
    }),
  );
  return missing.flat();
}

/** A record that was damaged before raises an alarm and stops no move: no KEK opens it. */
function verified(
  { metrics, logger }: ProveCopyDependencies,
  { provider, value }: StoredKeyset,
  keks: KekKeyset,
): KeysetRecord | undefined {
  try {
    return verifyKeyset(value, provider, keks);
  } catch (thrown) {
    if (toKeywardError(thrown).reason === 'unknown_kek') {
      throw new KeywardError('conflict', 'a keyset is under a KEK that the old home does not have: restore that first');
    }
    metrics.count('keyset_damaged');
    logger.error('a keyset is damaged', { operation: 'move_kek', ...(isProvider(provider) && { provider }) });
    return undefined;
  }
}

async function prove(
  { randomness }: ProveCopyDependencies,
  prover: RegionProver,
  { record, keks, home }: { record: KeysetRecord; keks: KekKeyset; home: KekHome },
): Promise<void> {
  const { provider, revision, kek_id } = record;
  // The record was verified, so its KEK is in the keyset.
  const kek = keks.keks.get(kek_id) as Kek;
  for (const [number, { encrypted_dek: wrapped }] of Object.entries(record.versions)) {
    if (wrapped === undefined) continue;
    const version = Number(number);
    const challenge = { provider, version, revision, kek_id, nonce: newNonce(randomness), home };
    const proof = await prover.prove(challenge);
    if (!isProof(proof, unwrapDek(kek, provider, version, wrapped), challenge, prover.region)) {
      throw keysUnavailable('unwrap_failed');
    }
  }
}
