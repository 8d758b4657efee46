import type { Checked } from './log-fault';
import { TILE_WIDTH, tilePath, type LogTile } from './log-tile';
import { HASH_BYTES } from './merkle-hash';
import type { TileSource } from './ports/tile-source';

/**
 * Reads a tile of hashes. A partial one may be gone once the full one is there (tlog-tiles, "Partial Tiles"), which then begins
 * with the same hashes. Nothing about them is proved yet.
 */
export async function readTile(source: TileSource, tile: LogTile): Promise<Checked<Buffer>> {
  const bytes = await source.read(tilePath(tile));
  if (bytes !== undefined) return ofWidth(bytes, tile.width, tile.width);
  if (tile.width === TILE_WIDTH) return { fault: 'tile_missing' };
  const full = await source.read(tilePath({ ...tile, width: TILE_WIDTH }));
  return full === undefined ? { fault: 'tile_missing' } : ofWidth(full, TILE_WIDTH, tile.width);
}

const ofWidth = (bytes: Buffer, width: number, wanted: number): Checked<Buffer> =>
  bytes.length === width * HASH_BYTES ? { value: bytes.subarray(0, wanted * HASH_BYTES) } : { fault: 'tile_width' };
