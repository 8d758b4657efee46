/** One version of the KEK secret in Secrets Manager: its id and staging labels. */
export interface SecretVersion {
  readonly versionId: string;
  readonly stages: readonly string[];
}

/**
 * The KEK secret in the home region, for the one function that rotates it. Every method may throw KeywardError
 * `store_unavailable` if there was no answer; the call may have been carried out.
 */
export interface KekSecretStore {
  /** Returns all versions with a staging label. May lag a moment behind the last change. */
  versions(): Promise<readonly SecretVersion[]>;

  /**
   * Reads the value of one version by its id: a new AWSPENDING can be unreadable by stage for a moment.
   *
   * @returns undefined if there is no value under that id (yet)
   */
  value(versionId: string): Promise<string | undefined>;

  /**
   * Stores the value of a new version under AWSPENDING. The same value again changes nothing.
   *
   * @returns `exists` if the version has another value
   */
  putPending(versionId: string, value: string): Promise<'stored' | 'exists'>;

  /**
   * Moves AWSCURRENT alone, on condition that `from` has it.
   *
   * @returns `refused` if `from` does not have it
   */
  moveCurrent(from: string, to: string): Promise<'moved' | 'refused'>;

  /** Removes AWSPENDING from a version. Changes nothing if the version does not have it. */
  removePending(versionId: string): Promise<void>;
}

/** Tells which version of the KEK secret the functions of one region read, uncached. */
export interface KekVersionReader {
  readonly region: string;
  /** @throws KeywardError `store_unavailable` if the region does not answer or has no current value */
  current(): Promise<{ readonly versionId: string }>;
}

/** Reads the current value of the KEK secret in one region, uncached. */
export interface KekSecretReplica extends KekVersionReader {
  /** @throws KeywardError `store_unavailable` if the region does not answer or has no current value */
  current(): Promise<{ readonly versionId: string; readonly value: string }>;
}
