import type { KekKeyset } from '../../crypto/kek-keyset';

/**
 * Where the KEKs come from. Implementations cache, share one request among concurrent callers, and keep serving the
 * last good copy while no region answers, for at most 24 hours.
 */
export interface SecretsProvider {
  /**
   * The KEK keyset, at most minutes old while the store answers.
   *
   * @throws KeywardError `keys_unavailable` where there is no usable copy
   */
  current(): Promise<KekKeyset>;

  /**
   * Asks the store now, for a caller who met a KEK id that `current()` does not have. Callers at the same time share
   * one request. A value that is damaged never replaces the last good copy.
   *
   * @throws KeywardError `keys_unavailable` where no region gives a usable answer
   */
  refresh(): Promise<KekKeyset>;
}
