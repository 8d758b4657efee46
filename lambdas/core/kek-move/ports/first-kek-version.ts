/** The first version of a home of the KEK that never had one. */
export interface FirstKekVersion {
  /**
   * Writes the first version, current at once. Only the first writer can; nothing that exists is changed.
   *
   * @returns false if the home has, or once had, a version or something else
   * @throws KeywardError `store_unavailable` if it is not known whether it was written
   */
  createFirst(versionId: string, value: string): Promise<boolean>;
}
