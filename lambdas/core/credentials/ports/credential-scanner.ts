import type { StoredRow } from '../credential';

export interface ScannedPage {
  /** Whatever holds a value: live credentials, damaged or not, and deleted ones whose previous value is there. */
  readonly rows: readonly StoredRow[];
  readonly next?: string;
}

/**
 * Goes through all values of a provider in the home region, shard by shard: a row holds the current one, the previous one, or
 * both. Deleted credentials without a previous value do not appear. Every method may fail with KeywardError `store_unavailable`.
 */
export interface CredentialScanner {
  /** Shards are numbered from 0. */
  readonly shardCount: number;

  /** By consistent reads, in the order of names (by bytes), from the first after `after`. `next` is missing at the end alone. */
  page(provider: string, shard: number, page: { after?: string; limit: number }): Promise<ScannedPage>;

  /** How many values of the shard are under which key version, by consistent reads of all of them. 0: it is lost. */
  countByVersion(provider: string, shard: number): Promise<ReadonlyMap<number, number>>;

  /**
   * The shards with a row whose oldest value is under a version from `from` to `to`, as an index says that may lag: good for
   * finding work, no proof that there is none.
   */
  shardsWith(provider: string, from: number, to: number): Promise<readonly number[]>;
}
