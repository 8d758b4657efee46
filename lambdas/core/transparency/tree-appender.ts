import { encodeBundle } from './entry-bundle';
import { TILE_WIDTH, type LogTile } from './log-tile';
import { HASH_BYTES, leafHash, perfectRoot } from './merkle-hash';
import type { Tree } from './merkle-proof';
import type { RightEdge } from './right-edge';
import { emptyLevel, rootOf, type TreeLevel } from './tree-levels';

/** A tile or a bundle with its bytes, to be stored at its path. */
export interface LogObject {
  readonly tile: LogTile;
  readonly bytes: Buffer;
}

/** A tree that grows. It holds one tile a level and one bundle, however many entries are appended. */
export interface TreeAppender {
  /**
   * Appends entries of at most 65,535 bytes, and yields each full tile and each full bundle as it comes about. The buffers are the
   * caller's to give away: they are not copied. A run that is left before its end leaves a tree that must not be used.
   */
  append(entries: Iterable<Buffer>): Generator<LogObject, void>;
  /** The tree as it is now, with its partial tiles and its partial bundle. Appending may go on. */
  current(): { readonly tree: Tree; readonly partial: readonly LogObject[] };
}

/** Continues a tree from its right edge, which must be a verified one. */
export function createTreeAppender(edge: RightEdge): TreeAppender {
  const levels: TreeLevel[] = edge.levels.map(({ hashes, width }) => ({ hashes: Buffer.from(hashes), width }));
  let entries = [...edge.entries];
  let size = edge.size;

  /** Hashes of a level that are in full tiles are not kept: their number follows from the size. */
  const indexAt = (level: number): number => Math.floor(size / TILE_WIDTH ** (level + 1));

  const levelAt = (level: number): TreeLevel => {
    if (levels[level] === undefined) levels[level] = emptyLevel();
    return levels[level];
  };

  function add(hash: Buffer): LogObject[] {
    const full: LogObject[] = [];
    let carried: Buffer | undefined = hash;
    for (let level = 0; carried !== undefined; level += 1) {
      const at = levelAt(level);
      at.hashes.set(carried, at.width * HASH_BYTES);
      at.width += 1;
      carried = undefined;
      if (at.width === TILE_WIDTH) {
        full.push({ tile: { level, index: indexAt(level) - 1, width: TILE_WIDTH }, bytes: at.hashes });
        carried = perfectRoot(at.hashes);
        Object.assign(at, emptyLevel());
      }
    }
    return full;
  }

  return {
    *append(given) {
      for (const entry of given) {
        entries.push(entry);
        size += 1;
        const full = add(leafHash(entry));
        if (full.length === 0) continue;
        const tile = { level: 'entries', index: indexAt(0) - 1, width: TILE_WIDTH } as const;
        yield { tile, bytes: encodeBundle(entries) };
        entries = [];
        yield* full;
      }
    },
    current() {
      const partial: LogObject[] = levels
        .map(({ hashes, width }, level) => ({
          tile: { level, index: indexAt(level), width },
          bytes: Buffer.from(hashes.subarray(0, width * HASH_BYTES)),
        }))
        .filter(({ tile }) => tile.width > 0);
      if (entries.length > 0) {
        const tile = { level: 'entries', index: indexAt(0), width: entries.length } as const;
        partial.push({ tile, bytes: encodeBundle(entries) });
      }
      return { tree: { size, root: rootOf(levels) }, partial };
    },
  };
}
