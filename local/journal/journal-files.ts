/**
 * The journal's directory as its writer uses it: every call of the file system that the journal makes, so that a test can stop the world
 * after each. Names are relative to the directory. All methods throw what the system throws.
 */
export interface JournalFiles {
  /** Names in the directory itself. */
  list(): Promise<readonly string[]>;
  /** The length of a file in bytes. */
  size(name: string): Promise<number>;
  /** At most `length` bytes from `position` on; fewer at the end alone. */
  read(name: string, position: number, length: number): Promise<Buffer>;
  /** A new file, opened for appending; its name is on the device after {@link syncNames}. Throws EEXIST where the name is taken. */
  create(name: string): Promise<AppendedFile>;
  /** Cuts a file off behind so many bytes. Resolves once the device has it cut. */
  truncate(name: string, length: number): Promise<void>;
  /** Replaces what has the new name. */
  rename(from: string, to: string): Promise<void>;
  /** Resolves also where there is no such file. */
  remove(name: string): Promise<void>;
  /** Resolves once the names in the directory, and in {@link SET_ASIDE}, are on the device. */
  syncNames(): Promise<void>;
  /** Resolves where there is room and the medium takes writes, as far as can be tried with a file of its own. */
  probe(): Promise<void>;
}

/** A file that grows at its end. */
export interface AppendedFile {
  /** Resolves once all of it is written; on the device only after {@link sync}. */
  write(bytes: Buffer): Promise<void>;
  /** Resolves once the device has what was written (fdatasync(2)). After a failure of either it says nothing any more: see `JournalSegments.openAnew`. */
  sync(): Promise<void>;
  /** Whether the file is still the one at its name. Takes microseconds. Never throws. */
  isInPlace(): boolean;
  close(): Promise<void>;
}

/** In the journal's directory: what was never answered and stood where something has to follow. */
export const SET_ASIDE = 'set-aside';
