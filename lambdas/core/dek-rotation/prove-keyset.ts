import type { KekHome } from '../contract/kek-homes';
import { dekVersion } from '../keysets/dek-keyset';
import { keysUnavailable } from '../errors/errors';
import { proveDek, type ProofChallenge } from './dek-proof';
import { unwrapDek } from '../crypto/wrapped-dek';
import type { KeysetReader } from '../keysets/ports/keyset-store';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import { verifyWithNewestKek } from '../keysets/verify-with-newest-kek';

/** Only sources of this region: data of other regions would prove nothing about it. */
export interface ProveKeysetDependencies {
  readonly keysets: KeysetReader;
  readonly secrets: SecretsProvider;
  /**
   * The KEKs of one home while the configuration names two; left out: a challenge for a home is not proved.
   *
   * @throws KeywardError `keys_unavailable` if the configuration does not name it
   */
  readonly secretsOf?: (home: KekHome) => SecretsProvider;
}

/**
 * Proves that this region can unwrap a DEK version: with its replica of the keyset, at exactly the revision and under exactly the
 * KEK of the challenge, and with its replica of that KEK.
 *
 * @throws KeywardError `keys_unavailable` if it cannot, or not yet; `store_unavailable`
 */
export const createProveKeyset =
  ({ keysets, secrets: inForce, secretsOf }: ProveKeysetDependencies) =>
  async (challenge: ProofChallenge): Promise<string> => {
    const { provider, version, revision, kek_id, home } = challenge;
    const secrets = home === undefined ? inForce : secretsOf?.(home);
    if (secrets === undefined) throw keysUnavailable('unknown_kek');
    // The copy in memory may be older than what is to be proved.
    if (home !== undefined) await secrets.refresh();
    const value = await keysets.get(provider);
    if (value === undefined) throw keysUnavailable('keyset_missing');
    const record = await verifyWithNewestKek(secrets, value, provider);
    if (record.revision !== revision || record.kek_id !== kek_id) throw keysUnavailable('metadata_too_old');
    const kek = (await secrets.current()).keks.get(kek_id);
    const wrapped = dekVersion(record, version)?.encrypted_dek;
    if (kek === undefined || wrapped === undefined) throw keysUnavailable('unknown_version');
    return proveDek(unwrapDek(kek, provider, version, wrapped), challenge, keysets.region);
  };
