import { readDecimal } from './decimal';
import type { Checked } from './log-fault';
import { HASH_BYTES, perfectRoot } from './merkle-hash';
import type { Subtree } from './subtrees';

/** Hashes of a full tile, and entries of a full bundle (tlog-tiles, "Merkle Tree"). */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const MAX_LEVEL = 63;
/** An index is written in groups of three digits, all but the last after an `x`. */
const GROUP_DIGITS = 3;
const GROUP = 1000;

/**
 * A tile, or a bundle of the entries whose hashes are in the tile of level 0 with the same index. A partial one has a width below
 * 256.
 */
export interface LogTile {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/** The path of a tile below the log's prefix: `tile/<L>/<N>[.p/<W>]` (tlog-tiles, "Merkle Tree" and "Log entries"). */
export function tilePath({ level, index, width }: LogTile): string {
  let name = String(index % GROUP).padStart(GROUP_DIGITS, '0');
  for (let rest = Math.floor(index / GROUP); rest > 0; rest = Math.floor(rest / GROUP)) {
    name = `x${String(rest % GROUP).padStart(GROUP_DIGITS, '0')}/${name}`;
  }
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;

/** Reads the path of a tile; only the text that {@link tilePath} writes is accepted. */
export function parseTilePath(path: string): Checked<LogTile> {
  const [, level = '', name = '', partial] = PATH.exec(path) ?? [];
  const index = readDecimal(name.replaceAll(/[x/]/g, '').replace(/^0+(?=.)/, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (index === undefined || width < 1 || width > TILE_WIDTH) return { fault: 'tile_path' };
  const tile: LogTile = { level: level === 'entries' ? level : Number(level), index, width };
  if (tile.level !== 'entries' && tile.level > MAX_LEVEL) return { fault: 'tile_path' };
  return tilePath(tile) === path ? { value: tile } : { fault: 'tile_path' };
}

/** Hashes of a level's tiles in a tree of `size` entries: `floor(size / 256^level)` (tlog-tiles, "Partial Tiles"). */
const hashesAt = (level: number, size: number): number => Math.floor(size / TILE_WIDTH ** level);

/** The partial tiles and the partial bundle of a tree: its right edge. None is empty. */
export function edgeTiles(size: number): readonly LogTile[] {
  const tiles: LogTile[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level += 1) {
    const hashes = hashesAt(level, size);
    const width = hashes % TILE_WIDTH;
    if (width === 0) continue;
    const index = Math.floor(hashes / TILE_WIDTH);
    tiles.push({ level, index, width });
    if (level === 0) tiles.push({ level: 'entries', index, width });
  }
  return tiles;
}

/** The tile, in a tree of `size` entries, from which the hash of a perfect subtree is computed. */
export function tileOf({ height, index }: Subtree, size: number): LogTile {
  const level = Math.floor(height / TILE_HEIGHT);
  const first = index * 2 ** (height % TILE_HEIGHT);
  const tile = Math.floor(first / TILE_WIDTH);
  return { level, index: tile, width: Math.min(TILE_WIDTH, hashesAt(level, size) - tile * TILE_WIDTH) };
}

/** The hash of a perfect subtree, computed from the hashes of its {@link tileOf tile}. */
export function hashInTile({ height, index }: Subtree, tile: Buffer): Buffer {
  const count = 2 ** (height % TILE_HEIGHT);
  const first = (index * count) % TILE_WIDTH;
  return perfectRoot(tile.subarray(first * HASH_BYTES, (first + count) * HASH_BYTES));
}
