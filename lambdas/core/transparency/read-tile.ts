import type { Checked } from './log-fault';
import type { LogTile } from './log-tile';
import { HASH_BYTES } from './merkle-hash';
import type { TileSource } from './ports/tile-source';
import { readStored } from './read-stored';

/** Reads a tile of hashes, as {@link readStored} does. Nothing about them is proved yet. */
export async function readTile(source: TileSource, tile: LogTile): Promise<Checked<Buffer>> {
  const stored = await readStored(source, tile);
  if (stored.fault !== undefined) return stored;
  const { bytes, width } = stored.value;
  if (bytes.length !== width * HASH_BYTES) return { fault: 'tile_width' };
  return { value: bytes.subarray(0, tile.width * HASH_BYTES) };
}
