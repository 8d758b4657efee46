import type { CredentialRecord, DamagedCredential, StoredCredential } from '../credential';
import type { WriteResult } from '../../ports/write-result';

/** Reads stored credentials in one region. */
export interface CredentialReader {
  /**
   * @param consistent false: may lag by seconds, costs half. True: sees every write that was acknowledged in this region
   * @returns undefined where the name was never used; a tombstone where it was deleted; what is left where the row is damaged
   * @throws KeywardError `store_unavailable`
   */
  get(provider: string, name: string, consistent: boolean): Promise<StoredCredential | DamagedCredential | undefined>;

  /**
   * Live credentials in the order of their names (by bytes), at most `limit`, from the first name after `after`. The
   * work per call is bounded, so that many deleted names cost many calls and not one long one.
   *
   * @throws KeywardError `store_unavailable`
   */
  list(provider: string, page: { after?: string; limit: number; consistent: boolean }): Promise<CredentialPage>;
}

/** A page; `next` is the name to go on after, missing at the end alone. A page may hold fewer than asked for, even none. */
export interface CredentialPage {
  readonly credentials: readonly CredentialRecord[];
  /** Names whose rows are damaged, where there are any; they count towards the limit. */
  readonly damaged?: readonly string[];
  readonly next?: string;
}

/** Credentials in the home region, the only one that writes them. */
export interface CredentialStore extends CredentialReader {
  /**
   * Replaces what is stored under `(provider, name)`, by a condition on what was read.
   *
   * @param expectedRevision the revision that was read; 0 where there was nothing
   * @throws KeywardError `store_unavailable` where it is not known whether it was written
   */
  put(record: StoredCredential, expectedRevision: number): Promise<WriteResult>;

  /**
   * Puts the same credential under another key, by a condition on the very write that was read: an update in between wins.
   * The revision stays, so that callers who hold one notice nothing.
   *
   * @param expectedWriteId of the record that was read
   * @throws KeywardError `store_unavailable` where it is not known whether it was written
   */
  rekey(record: CredentialRecord, expectedWriteId: string): Promise<WriteResult>;

  /**
   * Whether the provider has, or ever had, a credential: deleted ones count. Consistent.
   *
   * @throws KeywardError `store_unavailable`
   */
  hasAny(provider: string): Promise<boolean>;
}
