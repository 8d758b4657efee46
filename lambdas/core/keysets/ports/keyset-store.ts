import type { KeysetRecord } from '../keyset-record';
import type { WriteResult } from '../../ports/write-result';

/** Reads keysets in one region. */
export interface KeysetReader {
  readonly region: string;
  /**
   * Returns the provider's record of this region by a consistent read. Does not verify it: the MAC needs the KEK.
   *
   * @returns undefined if the region has none
   * @throws KeywardError `store_unavailable` if the region does not answer in time
   */
  get(provider: string): Promise<unknown>;
}

/** Keysets in the home region, the only one that writes them. */
export interface KeysetStore extends KeysetReader {
  /**
   * Stores a provider's first keyset.
   *
   * @returns `refused` if the provider already has a record
   * @throws KeywardError `store_unavailable` if it is not known whether it was written
   */
  create(record: KeysetRecord): Promise<WriteResult>;

  /**
   * Replaces a provider's record on condition that it has the revision that was read.
   *
   * @returns `refused` if the record has another revision
   * @throws KeywardError `store_unavailable` if it is not known whether it was written
   */
  replace(record: KeysetRecord, expectedRevision: number): Promise<WriteResult>;
}
