import { parseBundle } from './entry-bundle';
import type { Checked } from './log-fault';
import { TILE_WIDTH, tilePath } from './log-tile';
import type { TileSource } from './ports/tile-source';

/**
 * Reads the entries of a bundle, the first `width` of the full one if the partial one is gone (tlog-tiles, "Partial Tiles").
 * Nothing about them is proved yet.
 */
export async function readBundle(
  source: TileSource,
  { index, width }: { readonly index: number; readonly width: number },
): Promise<Checked<readonly Buffer[]>> {
  const bytes = await source.read(tilePath({ level: 'entries', index, width }));
  if (bytes !== undefined) return parseBundle(bytes, width);
  if (width === TILE_WIDTH) return { fault: 'tile_missing' };
  const full = await source.read(tilePath({ level: 'entries', index, width: TILE_WIDTH }));
  if (full === undefined) return { fault: 'tile_missing' };
  const parsed = parseBundle(full, TILE_WIDTH);
  return parsed.fault === undefined ? { value: parsed.value.slice(0, width) } : parsed;
}
