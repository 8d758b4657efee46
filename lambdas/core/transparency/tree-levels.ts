import { EMPTY_ROOT, HASH_BYTES, nodeHash, perfectRoot } from './merkle-hash';
import { TILE_WIDTH } from './log-tile';

/** The hashes of a level that are in no full tile yet: at most 255, from the left of a buffer of the size of a tile. */
export interface TreeLevel {
  hashes: Buffer;
  width: number;
}

export const emptyLevel = (): TreeLevel => ({ hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES), width: 0 });

/** The root of a tree, from its right edge alone: the perfect subtrees of every level, folded from the right. */
export function rootOf(levels: readonly TreeLevel[]): Buffer {
  let root: Buffer | undefined;
  for (const { hashes, width } of levels) {
    let end = width;
    for (let count = 1; count <= width; count *= 2) {
      if (Math.floor(width / count) % 2 === 0) continue;
      const subtree = perfectRoot(hashes.subarray((end - count) * HASH_BYTES, end * HASH_BYTES));
      root = root === undefined ? subtree : nodeHash(subtree, root);
      end -= count;
    }
  }
  return root ?? EMPTY_ROOT;
}
