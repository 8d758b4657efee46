import { KEK_REGION_TIMEOUT_MS } from '../../core/contract/protocol-times';
import { parseKekSecret, type KekKeyset } from '../../core/crypto/kek-keyset';
import { KeywardError, toKeywardError } from '../../core/errors/errors';
import { KekCopy, type KekCopyTimes, type KekReadFailure, type KekReadReason } from '../../core/keysets/kek-copy';
import type { SecretsProvider } from '../../core/keysets/ports/secrets-provider';
import type { Clock } from '../../core/ports/clock';
import type { Logger } from '../../core/ports/logger';
import type { Metrics } from '../../core/ports/metrics';
import { toKekEntry } from './kek-entry';
import type { VaultAccess } from './kek-paths';

/** Times are in milliseconds. */
export interface VaultSecretsProviderConfig extends KekCopyTimes {
  /** In the order in which they are read. */
  readonly regions: readonly VaultAccess[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Timeout of one region, login included. Default 1.5 seconds. */
  readonly regionTimeoutMs?: number;
}

/** Reads the KEK keyset from Vault: the newest version at its path, from the first region that returns a usable one. */
export function createVaultSecretsProvider(config: VaultSecretsProviderConfig): SecretsProvider {
  const sources = config.regions.map((each) => ({ region: each.region, read: () => read(each, config) }));
  return new KekCopy({ ...config, sources });
}

async function read(
  access: VaultAccess,
  { metrics, regionTimeoutMs = KEK_REGION_TIMEOUT_MS }: VaultSecretsProviderConfig,
): Promise<KekKeyset | KekReadFailure> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(access.calls.unusable('kv read', 'TimeoutError'));
    }, regionTimeoutMs);
    timer.unref();
  });
  try {
    return await Promise.race([readNewest(access), tooLate]);
  } catch (thrown) {
    const { reason: why, outside } = toKeywardError(thrown);
    const reason: KekReadReason = why === 'kek_missing' || why === 'kek_damaged' ? why : 'no_region_answered';
    metrics.count('kek_source_failed');
    if (reason === 'no_region_answered') return { reason, ...(outside !== undefined && { outside }) };
    // No answer is an outage; an unusable answer may be tampering.
    metrics.count('kek_unusable');
    return { reason, outside: access.calls.reportUnusable('kv read', reason) };
  } finally {
    clearTimeout(timer);
  }
}

/** A path without a version, or whose newest is deleted or destroyed, is an answer: there is no KEK. */
async function readNewest({ paths }: VaultAccess): Promise<KekKeyset> {
  const version = await (await paths()).current.read();
  if (version?.value === undefined) throw new KeywardError('keys_unavailable', 'there is no KEK', 'kek_missing');
  return parseKekSecret(toKekEntry(version.value)?.keyset ?? '');
}
