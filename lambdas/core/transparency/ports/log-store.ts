import type { TileSource } from './tile-source';

/** The tiles, bundles and index of one log, to be written. */
export interface LogStore extends TileSource {
  /** Writes a tile or a bundle. Whoever writes the same path writes the same bytes. */
  put(path: string, bytes: Buffer): Promise<void>;
  /** Writes an index object, only if there is none. @returns false if there is one */
  create(path: string, bytes: Buffer): Promise<boolean>;
  /** The paths below a prefix that ends with a slash, in any order. Consistent: what was written is listed. */
  list(prefix: string): Promise<readonly string[]>;
}
