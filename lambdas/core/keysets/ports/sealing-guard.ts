/**
 * Says whether anything new may be sealed or wrapped now. What is sealed while the keys' own place is in doubt may be lost
 * with it; opening never asks.
 */
export interface SealingGuard {
  /**
   * Resolves where sealing is safe, as far as is known at most seconds ago.
   *
   * @throws KeywardError `keys_unavailable`, reason `sealing_stopped`
   */
  assertMaySeal(): Promise<void>;
}
