import type { CredentialRecord, DamagedCredential } from '../credential';

export interface ScannedPage {
  readonly credentials: readonly CredentialRecord[];
  /** Those whose rows are damaged, where there are any. */
  readonly damaged?: readonly DamagedCredential[];
  readonly next?: string;
}

/**
 * Goes through all stored credentials of a provider in the home region, shard by shard. Deleted ones do not appear. Every
 * method may fail with KeywardError `store_unavailable`.
 */
export interface CredentialScanner {
  /** Shards are numbered from 0. */
  readonly shardCount: number;

  /** By consistent reads, in the order of names (by bytes), from the first after `after`. `next` is missing at the end alone. */
  page(provider: string, shard: number, page: { after?: string; limit: number }): Promise<ScannedPage>;

  /** How many credentials of the shard are under which key version, by consistent reads of all of them. 0: it is lost. */
  countByVersion(provider: string, shard: number): Promise<ReadonlyMap<number, number>>;

  /**
   * The shards that hold a credential under a version from `from` to `to`, as an index says that may lag: good for finding
   * work, no proof that there is none.
   */
  shardsWith(provider: string, from: number, to: number): Promise<readonly number[]>;
}
