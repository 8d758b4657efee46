import type { KeysetRecord } from '../keyset-record';
import type { WriteResult } from '../../ports/write-result';

/** Reads keysets in one region. */
export interface KeysetReader {
  readonly region: string;
  /**
   * The provider's record as this region has it, by a consistent read. Not verified: whoever holds the KEK checks the MAC.
   *
   * @returns undefined where the region has none
   * @throws KeywardError `store_unavailable` where the region does not answer in time
   */
  get(provider: string): Promise<unknown>;
}

/** Keysets in the home region, the only one that writes them. */
export interface KeysetStore extends KeysetReader {
  /**
   * Stores a provider's first keyset.
   *
   * @returns `refused` where the provider has a record already
   * @throws KeywardError `store_unavailable` where it is not known whether it was written
   */
  create(record: KeysetRecord): Promise<WriteResult>;

  /**
   * Replaces a provider's record, by a condition on the revision that was read.
   *
   * @returns `refused` where the record has another revision by now
   * @throws KeywardError `store_unavailable` where it is not known whether it was written
   */
  replace(record: KeysetRecord, expectedRevision: number): Promise<WriteResult>;
}
