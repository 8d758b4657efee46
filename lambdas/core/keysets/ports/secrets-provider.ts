import type { KekKeyset } from '../../crypto/kek-keyset';

/**
 * The source of the KEKs. Implementations cache, share one request among concurrent callers, and serve the last good copy for at
 * most 24 hours while no region answers.
 */
export interface SecretsProvider {
  /**
   * Returns the KEK keyset, at most minutes old while the store answers.
   *
   * @throws KeywardError `keys_unavailable` if there is no usable copy
   */
  current(): Promise<KekKeyset>;

  /**
   * Reads the store now, for a caller that needs a KEK id which `current()` lacks. Concurrent callers share one request. A
   * damaged value never replaces the last good copy.
   *
   * @throws KeywardError `keys_unavailable` if no region gives a usable answer
   */
  refresh(): Promise<KekKeyset>;
}
