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
  /** Size of an older tree of which this one is no continuation. */
  readonly size?: number;
}

interface DifferingTile {
  readonly tile: LogTile;
  readonly fault: LogFault;
  readonly path: string;
}

const tilesOf = (differing: readonly DifferingTile[]): LogFinding[] =>
  differing.map(({ fault, path }) => ({ fault, path }));

/** Bundles that are read at once, and held in memory. */
const READ_AHEAD = 16;
/** A log that lacks so many bundles is not read to its end. */
const MAX_BAD_BUNDLES = 1000;

/**
 * Verifies a whole log against a tree of a checkpoint: hashes every entry anew, compares every stored tile, and computes the root,
 * and those of older trees that it must continue. One tile a level and 16 bundles are in memory.
 *
 * After a bundle that is missing or malformed nothing is hashed any more: the root cannot be reached. The other entries are shown
 * still.
 *
 * @param visit is given each entry in its order, before it is known whether the root holds
 * @param older trees that are no larger; whether they hold is told only where the root does
 * @returns nothing if the log is exactly what the checkpoint says
 */
export async function verifyLog(
  source: TileSource,
  tree: Tree,
  visit: (entry: Buffer, index: number) => void,
  older: readonly Tree[] = [],
): Promise<readonly LogFinding[]> {
  const appender = createTreeAppender(EMPTY_EDGE);
  const past = older.filter(({ size }) => size > 0 && size <= tree.size).toSorted((a, b) => a.size - b.size);
  const others: LogFinding[] = [];
  const differing: DifferingTile[] = [];
  const compare = async ({ tile, bytes }: LogObject): Promise<void> => {
    if (tile.level === 'entries') return;
    const { value: stored, fault = 'tile_mismatch' } = await readTile(source, tile);
    if (stored?.equals(bytes) !== true) differing.push({ tile, fault, path: tilePath(tile) });
  };
  const append = async (entries: readonly Buffer[], first: number): Promise<void> => {
    let done = 0;
    for (let [next] = past; next !== undefined && next.size <= first + entries.length; [next] = past) {
      const end = next.size - first;
      await mapConcurrently([...appender.append(entries.slice(done, end))], READ_AHEAD, compare);
      done = end;
      if (!appender.current().tree.root.equals(next.root)) others.push({ fault: 'history_mismatch', size: next.size });
      past.shift();
    }
    await mapConcurrently([...appender.append(entries.slice(done))], READ_AHEAD, compare);
  };
  const bad: LogFinding[] = [];
  const bundles = Math.ceil(tree.size / TILE_WIDTH);
  for (let first = 0; first < bundles && bad.length < MAX_BAD_BUNDLES; first += READ_AHEAD) {
    const indexes = Array.from({ length: Math.min(READ_AHEAD, bundles - first) }, (_, at) => first + at);
    const read = await mapConcurrently(indexes, READ_AHEAD, async (index) => {
      const tile = { level: 'entries', index, width: Math.min(TILE_WIDTH, tree.size - index * TILE_WIDTH) } as const;
      return { tile, bundle: await readBundle(source, tile) };
    });
    for (const { tile, bundle } of read) {
      if (bundle.fault !== undefined) {
        bad.push({ fault: bundle.fault, path: tilePath(tile) });
        continue;
      }
      for (const [offset, entry] of bundle.value.entries()) visit(entry, tile.index * TILE_WIDTH + offset);
      if (bad.length === 0) await append(bundle.value, tile.index * TILE_WIDTH);
    }
  }
  if (bad.length > 0) return [...bad, ...tilesOf(differing)];
  const { tree: computed, partial } = appender.current();
  await mapConcurrently(partial, READ_AHEAD, compare);
  if (computed.root.equals(tree.root)) return [...others, ...tilesOf(differing)];
  // The entries are not those of the checkpoint. The ones whose stored hashes differ are the ones to look at.
  const bundlesToSee = differing
    .filter(({ tile }) => tile.level === 0)
    .map(({ tile }): LogFinding => ({ fault: 'bundle_mismatch', path: tilePath({ ...tile, level: 'entries' }) }));
  return [{ fault: 'root_mismatch' }, ...bundlesToSee];
}
