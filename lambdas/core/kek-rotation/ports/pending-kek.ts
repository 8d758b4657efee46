/**
 * The pending version of the KEK secret where no Secrets Manager announces it and counts how often a rotation was tried. Every
 * method may throw KeywardError `store_unavailable` if there was no answer; the call may have been carried out.
 */
export interface PendingKek {
  /**
   * Announces a version: it is pending, without a value.
   *
   * @returns `pending` if another version is pending, or became so meanwhile; nothing was changed then
   */
  begin(versionId: string): Promise<'begun' | 'pending'>;

  /**
   * Counts one more try of the rotation to a pending version. The count is with the version, so that all processes share it.
   *
   * @returns how many tries there were, with this one; undefined if the version is not pending
   */
  countTry(versionId: string): Promise<number | undefined>;

  /** @returns how many tries were counted; undefined if the version is not pending */
  tries(versionId: string): Promise<number | undefined>;
}
