/** A value as it was read: its bytes, and what names this version of it. */
export interface ReadValue {
  readonly bytes: Buffer;
  readonly tag: string;
}

/** One small value with compare-and-set: the publisher's state, or the checkpoint (S3: `If-Match`, `If-None-Match: *`). */
export interface ComparedValue {
  /** Consistent: a write that was answered is read. Undefined if there was none. */
  read(): Promise<ReadValue | undefined>;
  /**
   * Writes the value if it still is the one that was read, undefined for none.
   *
   * @returns false if it is another; nothing was written
   * @throws what an outage throws: the value may have been written
   */
  write(bytes: Buffer, read: ReadValue | undefined): Promise<boolean>;
}
