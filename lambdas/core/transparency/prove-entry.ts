import type { Checked } from './log-fault';
import { TILE_WIDTH, tilePath, type LogTile } from './log-tile';
import { leafHash } from './merkle-hash';
import type { Tree } from './merkle-proof';
import type { TileSource } from './ports/tile-source';
import { proveInclusion } from './prove-from-tiles';
import { readBundle } from './read-bundle';

export interface ProvedEntry {
  readonly entry: Buffer;
  /** From the leaf's sibling up. */
  readonly hashes: readonly Buffer[];
}

/**
 * Reads an entry and makes its proof. The tile above the entry's bundle is computed from that, so that in a log of a hundred million
 * entries it takes one bundle and at most seven tiles.
 *
 * @param place less than the tree's size
 * @returns the proof, which holds for the tree's root
 */
export async function proveEntry(source: TileSource, tree: Tree, place: number): Promise<Checked<ProvedEntry>> {
  const index = Math.floor(place / TILE_WIDTH);
  const tile: LogTile = { level: 0, index, width: Math.min(TILE_WIDTH, tree.size - index * TILE_WIDTH) };
  const bundle = await readBundle(source, tile);
  if (bundle.fault !== undefined) return bundle;
  const path = tilePath(tile);
  const leaves = Buffer.concat(bundle.value.map(leafHash));
  const known: TileSource = { read: async (asked) => (asked === path ? leaves : source.read(asked)) };
  const proof = await proveInclusion({ source: known, size: tree.size }, tree, place);
  if (proof.fault !== undefined) return proof;
  return { value: { entry: bundle.value[place - index * TILE_WIDTH] as Buffer, hashes: proof.value.hashes } };
}
