import type { CredentialScanner } from '../credentials/ports/credential-scanner';

/**
 * Returns the shards with a value under a version, by consistent reads of all of them.
 *
 * @throws KeywardError `store_unavailable`
 */
export async function shardsUnder(
  scanner: CredentialScanner,
  provider: string,
  version: number,
): Promise<readonly number[]> {
  const shards = Array.from({ length: scanner.shardCount }, (_, shard) => shard);
  const counts = await Promise.all(shards.map((shard) => scanner.countByVersion(provider, shard)));
  return shards.filter((shard) => (counts[shard]?.get(version) ?? 0) > 0);
}
