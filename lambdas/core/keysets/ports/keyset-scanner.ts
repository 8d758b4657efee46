/** A row of the keysets table: its key, and the whole item as it is stored. Neither is checked. */
export interface StoredKeyset {
  readonly provider: string;
  readonly value: unknown;
}

/** Reads all keysets of one region. What is stored is asked for here, whoever is configured. */
export interface KeysetScanner {
  readonly region: string;
  /**
   * Every row of the table, by consistent reads: all that was there when it began, and not what is written meanwhile.
   *
   * @throws KeywardError `store_unavailable` where any part of it did not come: a part is never passed off as the whole
   */
  all(): Promise<readonly StoredKeyset[]>;
}
