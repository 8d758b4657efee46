/** One version of the KEK secret as Secrets Manager describes it: its id and the staging labels on it. */
export interface SecretVersion {
  readonly versionId: string;
  readonly stages: readonly string[];
}

/**
 * The KEK secret in the home region, for the one function that rotates it. Every method may fail with KeywardError
 * `store_unavailable` where the answer did not come; what was asked may have been done all the same.
 */
export interface KekSecretStore {
  /** All versions that carry a staging label. May lag a moment behind what was just done. */
  versions(): Promise<readonly SecretVersion[]>;

  /**
   * The value of one version, asked for by its id: a fresh AWSPENDING can be unreadable by stage for a moment.
   *
   * @returns undefined where there is no value under that id (yet)
   */
  value(versionId: string): Promise<string | undefined>;

  /**
   * Stores the value of a new version under AWSPENDING. The same value again changes nothing.
   *
   * @returns `exists` where the version has a value already, which is another one
   */
  putPending(versionId: string, value: string): Promise<'stored' | 'exists'>;

  /**
   * Moves AWSCURRENT, and nothing else, by a condition on who holds it.
   *
   * @returns `refused` where `from` does not hold it
   */
  moveCurrent(from: string, to: string): Promise<'moved' | 'refused'>;

  /** Takes AWSPENDING off a version. One that does not carry it is left as it is. */
  removePending(versionId: string): Promise<void>;
}

/** The current value of the KEK secret as one region returns it, uncached. */
export interface KekSecretReplica {
  readonly region: string;
  /** @throws KeywardError `store_unavailable` where the region does not answer, or has no current value */
  current(): Promise<{ readonly versionId: string; readonly value: string }>;
}
