/**
 * The journal's directory for its writer: every file system call of the journal, so that a test can interrupt after each. Names
 * are relative to the directory. All methods throw errors of the system.
 */
export interface JournalFiles {
  /** Returns the names in the directory itself. */
  list(): Promise<readonly string[]>;
  /** Returns the length of a file in bytes. */
  size(name: string): Promise<number>;
  /** Returns up to `length` bytes from `position`; fewer only at the end. */
  read(name: string, position: number, length: number): Promise<Buffer>;
  /** Creates a file, opened for appending; its name is durable after {@link syncNames}. Throws EEXIST if the name exists. */
  create(name: string): Promise<AppendedFile>;
  /** Truncates a file to `length` bytes. Resolves when this is durable. */
  truncate(name: string, length: number): Promise<void>;
  /** Replaces an existing file of the new name. */
  rename(from: string, to: string): Promise<void>;
  /** Resolves also if there is no such file. */
  remove(name: string): Promise<void>;
  /** Resolves when the names in the directory, and in {@link SET_ASIDE}, are durable. */
  syncNames(): Promise<void>;
  /** Resolves if there is room and the medium accepts writes, as far as a test file can show. */
  probe(): Promise<void>;
}

/** A file that is only appended to. */
export interface AppendedFile {
  /** Resolves when all bytes are written; they are durable only after {@link sync}. */
  write(bytes: Buffer): Promise<void>;
  /**
   * Resolves when the written bytes are durable (fdatasync(2)). After a failure of either method it proves nothing: see
   * `JournalSegments.openAnew`.
   */
  sync(): Promise<void>;
  /** Whether the file is still at its path. Takes microseconds. Never throws. */
  isInPlace(): boolean;
  close(): Promise<void>;
}

/** Subdirectory for bytes that were not acknowledged and were removed from a segment. */
export const SET_ASIDE = 'set-aside';
