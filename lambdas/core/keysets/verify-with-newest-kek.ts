import { verifyKeyset } from './dek-keyset';
import type { KeysetRecord } from './keyset-record';
import { KeywardError } from '../errors/errors';
import type { SecretsProvider } from './ports/secrets-provider';

/**
 * Verifies a stored keyset. If the cached KEKs lack its KEK id, refreshes them once.
 *
 * @throws KeywardError `keys_unavailable`, as verifyKeyset and {@link SecretsProvider}
 */
export async function verifyWithNewestKek(
  secrets: SecretsProvider,
  value: unknown,
  provider: string,
): Promise<KeysetRecord> {
  try {
    return verifyKeyset(value, provider, await secrets.current());
  } catch (thrown) {
    if (!(thrown instanceof KeywardError) || thrown.reason !== 'unknown_kek') throw thrown;
    return verifyKeyset(value, provider, await secrets.refresh());
  }
}
