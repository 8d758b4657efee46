import type { LogFiles } from './log-files';

/** The tiles, bundles and index of one log, to be written. */
export interface LogStore extends LogFiles {
  /** Writes a tile or a bundle. Whoever writes the same path writes the same bytes. */
  put(path: string, bytes: Buffer): Promise<void>;
  /** Writes an index object, only if there is none. @returns false if there is one */
  create(path: string, bytes: Buffer): Promise<boolean>;
}
