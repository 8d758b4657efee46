/** Asks the keeper of the KEK secret to rotate it. */
export interface KekRotation {
  /**
   * Resolves once a rotation was asked for, or one is running already. It runs by itself and may fail.
   *
   * @throws KeywardError `store_unavailable` where it is not known to have been asked for
   */
  start(): Promise<void>;
}
