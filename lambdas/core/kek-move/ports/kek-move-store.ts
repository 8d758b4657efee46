import type { WriteResult } from '../../ports/write-result';
import type { KekMoveRecord } from '../kek-move-record';

/** Reads the newest move of the KEK in one region. */
export interface KekMoveReader {
  /**
   * Returns the row by a consistent read.
   *
   * @returns undefined if the KEK was never moved
   * @throws KeywardError `store_unavailable`; `conflict` if the row was edited: then it is not known where the KEK is
   */
  read(): Promise<KekMoveRecord | undefined>;
}

/** The move of the KEK in the home region, the only one that writes it. */
export interface KekMoveStore extends KekMoveReader {
  /**
   * Stores the row on condition that it has the revision that was read.
   *
   * @param expectedRevision 0 if there was none
   * @returns `refused` if it has another revision
   * @throws KeywardError `store_unavailable` if it is not known whether it was written
   */
  put(record: KekMoveRecord, expectedRevision: number): Promise<WriteResult>;
}
