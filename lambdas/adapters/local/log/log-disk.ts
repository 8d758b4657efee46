/**
 * The directory of a log on this machine: every file system call of its writer, so that a test can cut the power after each. Paths
 * are relative to the directory, with slashes. The calls block: they belong in a thread of their own. All throw errors of the
 * system.
 */
export interface LogDisk {
  /** Returns a file's bytes; undefined if there is no such file. */
  read(path: string): Buffer | undefined;
  /** Returns the names in a directory, those of directories with a slash at the end; none if it does not exist. */
  names(directory: string): readonly string[];
  /** Whether a file exists that only its owner may read or write. */
  isPrivate(path: string): boolean;
  /** Creates a directory in an existing one; nothing happens if it exists. */
  makeDirectory(path: string): void;
  /** Creates a file of mode 0600 or replaces its contents, which may be torn until {@link sync} has returned. */
  write(path: string, bytes: Buffer): void;
  /** Returns when a file's bytes are durable. */
  sync(path: string): void;
  /** Replaces an existing file of the new name. */
  rename(from: string, to: string): void;
  /** Nothing happens if there is no such file. */
  remove(path: string): void;
  /** Returns when the names in a directory are durable; `''` is the log's own. */
  syncDirectory(path: string): void;
}

/** Replaces a file atomically and durably. */
export function replaceDurably(disk: LogDisk, path: string, bytes: Buffer): void {
  const temporary = `${path}.new`;
  disk.write(temporary, bytes);
  disk.sync(temporary);
  disk.rename(temporary, path);
  disk.syncDirectory(directoryOf(path));
}

/** The directory that has a path; `''` is the log's own. */
export const directoryOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
