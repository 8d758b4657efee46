import type {
  CredentialRecord,
  CredentialTombstone,
  DamagedPreviousValue,
  PreviousPlace,
  PreviousValue,
  StoredRow,
} from '../credential';
import type { WriteResult } from '../../ports/write-result';

/** Reads stored credentials in one region. */
export interface CredentialReader {
  /**
   * @param consistent false: may lag by seconds, costs half. True: sees every write that was acknowledged in this region
   * @returns undefined if the name was never used, a tombstone if it was deleted, and a DamagedCredential if the row is damaged
   * @throws KeywardError `store_unavailable`
   */
  get(provider: string, name: string, consistent: boolean): Promise<StoredRow | undefined>;

  /**
   * Lists live credentials in the order of their names (by bytes), at most `limit`, from the first name after `after`, without
   * their ciphertexts. The work per call is bounded: many deleted names cost many calls and not one long call.
   *
   * @throws KeywardError `store_unavailable`
   */
  list(provider: string, page: ListedPage): Promise<CredentialPage>;

  /**
   * As {@link CredentialReader.list}, for deleted credentials that still hold a previous value, expired or not.
   *
   * @throws KeywardError `store_unavailable`
   */
  listDeleted(provider: string, page: ListedPage): Promise<DeletedPage>;
}

export interface ListedPage {
  readonly after?: string;
  readonly limit: number;
  readonly consistent: boolean;
}

/**
 * A credential in a list: without the ciphertext, and with only the place of the previous value. An edited previous value counts
 * as none.
 */
export type ListedCredential = Omit<CredentialRecord, 'ciphertext' | 'previous'> & {
  readonly previous?: PreviousPlace;
};

export type ListedPrevious = Omit<PreviousValue, 'ciphertext'>;

export type DeletedCredential = Omit<CredentialTombstone, 'previous'> & {
  readonly previous?: ListedPrevious | DamagedPreviousValue;
};

/** A page; `next` is the name to continue after, missing only at the end. A page may hold fewer than `limit`, even none. */
export interface CredentialPage {
  readonly credentials: readonly ListedCredential[];
  /** Names whose rows are damaged, if any; they count towards the limit. */
  readonly damaged?: readonly string[];
  readonly next?: string;
}

/** As {@link CredentialPage}. */
export interface DeletedPage {
  readonly deleted: readonly DeletedCredential[];
  /** Names whose rows or previous values are damaged, if any; they count towards the limit. */
  readonly damaged?: readonly string[];
  readonly next?: string;
}

/** Members that every write sets. */
interface Written {
  readonly write_id: string;
}

/** Identifies the write that was read: its id, or the revision if the id is lost. */
export interface ReadRow {
  readonly write_id?: string;
  readonly revision?: number;
}

/** Credentials in the home region, the only one that writes them. */
export interface CredentialStore extends CredentialReader {
  /**
   * Replaces the row of `(provider, name)` on condition that it is still the write that was read: a write in between wins, a
   * rekey included.
   *
   * @param read the row that was read, undefined if there was none; its revision counts if its `write_id` is lost
   * @throws KeywardError `store_unavailable` if it is not known whether it was written
   */
  put(record: StoredRow & Written, read: ReadRow | undefined): Promise<WriteResult>;

  /**
   * Whether the provider has, or ever had, a credential; deleted ones count. Reads consistently.
   *
   * @throws KeywardError `store_unavailable`
   */
  hasAny(provider: string): Promise<boolean>;
}
