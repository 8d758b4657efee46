/** A row of the keysets table: its key, and the whole stored item. Neither is checked. */
export interface StoredKeyset {
  readonly provider: string;
  readonly value: unknown;
}

/** Reads all stored keysets of one region, also of providers that are not configured. */
export interface KeysetScanner {
  readonly region: string;
  /**
   * Returns every row of the table by consistent reads: all rows that existed when it began; writes since then may be missing.
   *
   * @throws KeywardError `store_unavailable` if any part is missing: never returns a part as the whole
   */
  all(): Promise<readonly StoredKeyset[]>;
}
