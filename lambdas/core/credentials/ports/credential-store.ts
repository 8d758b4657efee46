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
   * @returns undefined where the name was never used; a tombstone where it was deleted; what is left where the row is damaged
   * @throws KeywardError `store_unavailable`
   */
  get(provider: string, name: string, consistent: boolean): Promise<StoredRow | undefined>;

  /**
   * Live credentials in the order of their names (by bytes), at most `limit`, from the first name after `after`, without their
   * ciphertexts. The work per call is bounded, so that many deleted names cost many calls and not one long one.
   *
   * @throws KeywardError `store_unavailable`
   */
  list(provider: string, page: ListedPage): Promise<CredentialPage>;

  /**
   * As {@link CredentialReader.list}, of deleted credentials that still hold a previous value, expired or not.
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
 * A credential as a list has it: nothing that could be opened, and of the previous value its place alone, which is all that is shown.
 * Where somebody has edited that, it is as if there were none.
 */
export type ListedCredential = Omit<CredentialRecord, 'ciphertext' | 'previous'> & {
  readonly previous?: PreviousPlace;
};

export type ListedPrevious = Omit<PreviousValue, 'ciphertext'>;

export type DeletedCredential = Omit<CredentialTombstone, 'previous'> & {
  readonly previous?: ListedPrevious | DamagedPreviousValue;
};

/** A page; `next` is the name to go on after, missing at the end alone. A page may hold fewer than asked for, even none. */
export interface CredentialPage {
  readonly credentials: readonly ListedCredential[];
  /** Names whose rows are damaged, where there are any; they count towards the limit. */
  readonly damaged?: readonly string[];
  readonly next?: string;
}

/** As {@link CredentialPage}. */
export interface DeletedPage {
  readonly deleted: readonly DeletedCredential[];
  /** Names of those whose rows or previous values are damaged, where there are any; they count towards the limit. */
  readonly damaged?: readonly string[];
  readonly next?: string;
}

/** What every write gives a row. */
interface Written {
  readonly write_id: string;
}

/** What names the write that was read: its id, or the revision where that is lost. */
export interface ReadRow {
  readonly write_id?: string;
  readonly revision?: number;
}

/** Credentials in the home region, the only one that writes them. */
export interface CredentialStore extends CredentialReader {
  /**
   * Replaces what is stored under `(provider, name)`, by a condition on the very write that was read: whatever was written in
   * between wins, a move to another key included.
   *
   * @param read what was read there; undefined: nothing was. Where its `write_id` is lost its revision counts
   * @throws KeywardError `store_unavailable` where it is not known whether it was written
   */
  put(record: StoredRow & Written, read: ReadRow | undefined): Promise<WriteResult>;

  /**
   * Whether the provider has, or ever had, a credential: deleted ones count. Consistent.
   *
   * @throws KeywardError `store_unavailable`
   */
  hasAny(provider: string): Promise<boolean>;
}
