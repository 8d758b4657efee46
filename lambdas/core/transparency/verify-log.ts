import { mapConcurrently } from '../ports/map-concurrently';
import type { LogFault } from './log-fault';
import { TILE_WIDTH, tilePath, type LogTile } from './log-tile';
import type { Tree } from './merkle-proof';
import type { TileSource } from './ports/tile-source';
import { readBundle } from './read-bundle';
import { readTile } from './read-tile';
import { EMPTY_EDGE } from './right-edge';
import { createTreeAppender, type LogObject } from './tree-appender';

/** What does not fit in a stored log, with the path of the tile or bundle; for the root none. */
export interface LogFinding {
  readonly fault: LogFault;
  readonly path?: string;
}

/** Bundles that are read at once, and held in memory. */
const READ_AHEAD = 16;

/**
 * Verifies a whole log against a tree of a checkpoint: hashes every entry anew, compares every stored tile, and computes the root.
 * One tile a level and 16 bundles are in memory.
 *
 * A bundle that is missing or malformed ends it: the entries after it cannot be hashed to the root.
 *
 * @param visit is given each entry in its order, before it is known whether the root holds
 * @returns nothing if the log is exactly what the checkpoint says
 */
export async function verifyLog(
  source: TileSource,
  tree: Tree,
  visit: (entry: Buffer, index: number) => void,
): Promise<readonly LogFinding[]> {
  const appender = createTreeAppender(EMPTY_EDGE);
  const differing: (Required<LogFinding> & { readonly tile: LogTile })[] = [];
  const compare = async ({ tile, bytes }: LogObject): Promise<void> => {
    if (tile.level === 'entries') return;
    const { value: stored, fault = 'tile_mismatch' } = await readTile(source, tile);
    if (stored?.equals(bytes) !== true) differing.push({ tile, fault, path: tilePath(tile) });
  };
  const bundles = Math.ceil(tree.size / TILE_WIDTH);
  for (let first = 0; first < bundles; first += READ_AHEAD) {
    const indexes = Array.from({ length: Math.min(READ_AHEAD, bundles - first) }, (_, at) => first + at);
    const read = await mapConcurrently(indexes, READ_AHEAD, async (index) => {
      const tile = { level: 'entries', index, width: Math.min(TILE_WIDTH, tree.size - index * TILE_WIDTH) } as const;
      return { tile, bundle: await readBundle(source, tile) };
    });
    for (const { tile, bundle } of read) {
      if (bundle.fault !== undefined) return [{ fault: bundle.fault, path: tilePath(tile) }];
      for (const [offset, entry] of bundle.value.entries()) visit(entry, tile.index * TILE_WIDTH + offset);
      await mapConcurrently([...appender.append(bundle.value)], READ_AHEAD, compare);
    }
  }
  const { tree: computed, partial } = appender.current();
  await mapConcurrently(partial, READ_AHEAD, compare);
  if (computed.root.equals(tree.root)) return differing.map(({ fault, path }) => ({ fault, path }));
  // The entries are not those of the checkpoint. The ones whose stored hashes differ are the ones to look at.
  const bundlesToSee = differing
    .filter(({ tile }) => tile.level === 0)
    .map(({ tile }): LogFinding => ({ fault: 'bundle_mismatch', path: tilePath({ ...tile, level: 'entries' }) }));
  return [{ fault: 'root_mismatch' }, ...bundlesToSee];
}
