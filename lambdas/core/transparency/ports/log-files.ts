import type { TileSource } from './tile-source';

/**
 * What one log has stored, to be read: `checkpoint`, `state`, `tile/…`, `index/…`, and the lines of archive objects as
 * `archive/<hour>/<sha256>`. Nothing is trusted.
 */
export interface LogFiles extends TileSource {
  /** The paths below a prefix that ends with a slash, in any order. Consistent: what was written is listed. */
  list(prefix: string): Promise<readonly string[]>;
}
