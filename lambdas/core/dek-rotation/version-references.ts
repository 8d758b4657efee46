import type { CredentialScanner } from '../credentials/ports/credential-scanner';

/**
 * How many stored credentials are under a version, by consistent reads of all shards.
 *
 * @throws KeywardError `store_unavailable`
 */
export async function countReferences(scanner: CredentialScanner, provider: string, version: number): Promise<number> {
  const shards = Array.from({ length: scanner.shardCount }, (_, shard) => scanner.countByVersion(provider, shard));
  const counts = await Promise.all(shards);
  return counts.reduce((total, byVersion) => total + (byVersion.get(version) ?? 0), 0);
}
