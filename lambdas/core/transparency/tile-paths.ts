import { TILE_WIDTH, tilePath, type LogTile } from './log-tile';

/** Paths that are made at once. */
const PAGE = 1000;

/**
 * The paths of all tiles and bundles of a tree, page by page: full ones, and the partial ones of its right edge (tlog-tiles, "Partial
 * Tiles"). All that a checkpoint of this size needs.
 */
export function* tilePathsOf(size: number): Generator<readonly string[]> {
  for (let level = 0; Math.floor(size / TILE_WIDTH ** level) > 0; level += 1) {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    for (const kind of level === 0 ? (['entries', level] as const) : [level]) yield* pagesOf(kind, hashes);
  }
}

function* pagesOf(level: LogTile['level'], hashes: number): Generator<readonly string[]> {
  const tiles = Math.ceil(hashes / TILE_WIDTH);
  for (let first = 0; first < tiles; first += PAGE) {
    yield Array.from({ length: Math.min(PAGE, tiles - first) }, (_, at) => {
      const index = first + at;
      return tilePath({ level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) });
    });
  }
}
