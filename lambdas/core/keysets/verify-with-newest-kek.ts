import { verifyKeyset } from './dek-keyset';
import type { KeysetRecord } from './keyset-record';
import { KeywardError } from '../errors/errors';
import type { SecretsProvider } from './ports/secrets-provider';

/**
 * Verifies a stored keyset. A KEK id that the cached KEKs lack is one reason to ask the store anew, once.
 *
 * @throws KeywardError `keys_unavailable`, as verifyKeyset and the provider of the KEKs
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
