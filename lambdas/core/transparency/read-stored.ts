import type { Checked } from './log-fault';
import { TILE_WIDTH, tilePath, type LogTile } from './log-tile';
import type { TileSource } from './ports/tile-source';

/** Bytes that are stored for a tile or a bundle, and the width that they must have. */
interface StoredBytes {
  readonly bytes: Buffer;
  readonly width: number;
}

/**
 * Reads a tile or a bundle. A partial one may be gone once the full one is there (tlog-tiles, "Partial Tiles"), which is read then:
 * it begins with the same hashes or entries.
 */
export async function readStored(source: TileSource, tile: LogTile): Promise<Checked<StoredBytes>> {
  for (const width of new Set([tile.width, TILE_WIDTH])) {
    const bytes = await source.read(tilePath({ ...tile, width }));
    if (bytes !== undefined) return { value: { bytes, width } };
  }
  return { fault: 'tile_missing' };
}
