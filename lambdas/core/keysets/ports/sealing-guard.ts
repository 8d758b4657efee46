/**
 * Decides whether anything new may be sealed or wrapped now. What is sealed while the place of the keys is in doubt may be lost
 * with them. Opening is never guarded.
 */
export interface SealingGuard {
  /**
   * Resolves if sealing was safe at the last check, seconds ago at most.
   *
   * @throws KeywardError `keys_unavailable`, reason `sealing_stopped`
   */
  assertMaySeal(): Promise<void>;
}
