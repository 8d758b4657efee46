import type { Checked } from './log-fault';
import { edgeTiles } from './log-tile';
import { HASH_BYTES, leafHash } from './merkle-hash';
import type { Tree } from './merkle-proof';
import { readBundle } from './read-bundle';
import { readTile } from './read-tile';
import type { TileSource } from './ports/tile-source';
import { emptyLevel, rootOf, type TreeLevel } from './tree-levels';

/** What has to be known of a tree so that it can grow: its partial tiles and its partial bundle. */
export interface RightEdge {
  readonly size: number;
  readonly levels: readonly TreeLevel[];
  /** The entries of the last bundle, unless it is full. */
  readonly entries: readonly Buffer[];
}

export const EMPTY_EDGE: RightEdge = { size: 0, levels: [], entries: [] };

/**
 * Reads the right edge of a stored tree, at most one tile a level and one bundle, however long the log is.
 *
 * It is accepted only if it gives the tree's root, and its entries the hashes of level 0: nobody who can write tiles gets another
 * tree continued.
 */
export async function readRightEdge(source: TileSource, tree: Tree): Promise<Checked<RightEdge>> {
  const levels: TreeLevel[] = [];
  let entries: readonly Buffer[] = [];
  for (const tile of edgeTiles(tree.size)) {
    if (tile.level === 'entries') {
      const bundle = await readBundle(source, tile);
      if (bundle.fault !== undefined) return bundle;
      entries = bundle.value;
    } else {
      const hashes = await readTile(source, tile);
      if (hashes.fault !== undefined) return hashes;
      while (levels.length < tile.level) levels.push(emptyLevel());
      const level = emptyLevel();
      hashes.value.copy(level.hashes);
      levels.push({ ...level, width: tile.width });
    }
  }
  if (!rootOf(levels).equals(tree.root)) return { fault: 'root_mismatch' };
  const areOfLevel0 = entries.every((entry, at) =>
    leafHash(entry).equals((levels[0] as TreeLevel).hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  );
  return areOfLevel0 ? { value: { size: tree.size, levels, entries } } : { fault: 'bundle_mismatch' };
}
