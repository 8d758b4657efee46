import type { Checked } from './log-fault';
import { hashInTile, tileOf, tilePath, type LogTile } from './log-tile';
import { nodeHash } from './merkle-hash';
import { verifyConsistency, verifyInclusion, type Tree } from './merkle-proof';
import type { TileSource } from './ports/tile-source';
import { readTile } from './read-tile';
import { consistencyRanges, inclusionRanges, perfectSubtrees, type EntryRange, type Subtree } from './subtrees';

/** The tiles of a tree of `size` entries, all of which are stored: that of any checkpoint of the log. */
export interface StoredTree {
  readonly source: TileSource;
  readonly size: number;
}

/**
 * Makes the inclusion proof of an entry from stored tiles: at most two reads a level of tiles, all at once, eight in a log of a
 * hundred million entries, and one more for each partial tile that is gone.
 *
 * @returns the entry's hash and its proof, which hold for the tree's root: a wrong tile gives `proof_mismatch`
 */
export async function proveInclusion(
  stored: StoredTree,
  tree: Tree,
  index: number,
): Promise<Checked<{ readonly leaf: Buffer; readonly hashes: readonly Buffer[] }>> {
  if (index >= tree.size) return { fault: 'proof_index' };
  const entry = { start: index, end: index + 1 };
  const read = await hashesOf(stored, [entry, ...inclusionRanges(index, tree.size)]);
  if (read.fault !== undefined) return read;
  const [leaf, ...hashes] = read.value as readonly [Buffer, ...Buffer[]];
  return verifyInclusion(leaf, index, tree, hashes) ? { value: { leaf, hashes } } : { fault: 'proof_mismatch' };
}

/**
 * Makes the consistency proof between two sizes of a log, up to the stored one, in as many reads.
 *
 * @returns the proof, which holds for both roots; `proof_mismatch` if there is none: a tile is wrong, or the log was forked
 */
export async function proveConsistency(
  stored: StoredTree,
  older: Tree,
  newer: Tree,
): Promise<Checked<readonly Buffer[]>> {
  if (older.size > newer.size) return { fault: 'proof_mismatch' };
  const read = await hashesOf(stored, consistencyRanges(older.size, newer.size));
  if (read.fault !== undefined) return read;
  return verifyConsistency(older, newer, read.value) ? read : { fault: 'proof_mismatch' };
}

/** The hashes of ranges. Each tile is read once. */
async function hashesOf(
  { source, size }: StoredTree,
  ranges: readonly EntryRange[],
): Promise<Checked<readonly Buffer[]>> {
  const subtrees = ranges.map(perfectSubtrees);
  const pathOf = (subtree: Subtree): string => tilePath(tileOf(subtree, size));
  const wanted = new Map<string, LogTile>(
    subtrees.flat().map((subtree) => [pathOf(subtree), tileOf(subtree, size)] as const),
  );
  const tiles = new Map<string, Buffer>();
  const read = await Promise.all(
    Array.from(wanted, async ([path, tile]) => ({ path, tile: await readTile(source, tile) })),
  );
  for (const { path, tile } of read) {
    if (tile.fault !== undefined) return tile;
    tiles.set(path, tile.value);
  }
  const hashOf = (subtree: Subtree): Buffer => hashInTile(subtree, tiles.get(pathOf(subtree)) as Buffer);
  return { value: subtrees.map((each) => each.map(hashOf).reduceRight((right, left) => nodeHash(left, right))) };
}
