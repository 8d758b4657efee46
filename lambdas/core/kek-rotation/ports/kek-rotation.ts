/** Requests rotations of the KEK secret. */
export interface KekRotation {
  /**
   * Resolves when a rotation was requested, or if one is running. The rotation runs by itself and may fail.
   *
   * @throws KeywardError `store_unavailable` if it is not known to have been requested
   */
  start(): Promise<void>;
}
