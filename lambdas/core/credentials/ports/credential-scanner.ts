import type { StoredRow } from '../credential';

export interface ScannedPage {
  /** Rows with a value: live credentials, damaged or not, and deleted ones with a previous value. */
  readonly rows: readonly StoredRow[];
  readonly next?: string;
}

/**
 * Reads all values of a provider in the home region, shard by shard: a row holds the current value, the previous one, or both.
 * Deleted credentials without a previous value do not appear. Every method may fail with KeywardError `store_unavailable`.
 */
export interface CredentialScanner {
  /** Shards are numbered from 0. */
  readonly shardCount: number;

  /** Reads consistently in the order of names (by bytes), from the first after `after`. `next` is missing only at the end. */
  page(provider: string, shard: number, page: { after?: string; limit: number }): Promise<ScannedPage>;

  /** Counts the values of the shard by key version, by consistent reads of all of them. Version 0: lost. */
  countByVersion(provider: string, shard: number): Promise<ReadonlyMap<number, number>>;

  /**
   * Returns the shards with a row whose oldest value is under a version from `from` to `to`. Reads an index that may lag: finds
   * work, and does not prove that there is none.
   */
  shardsWith(provider: string, from: number, to: number): Promise<readonly number[]>;
}
