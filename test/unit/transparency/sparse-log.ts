import { formatCheckpoint } from '../../../lambdas/core/transparency/checkpoint';
import { encodeBundle } from '../../../lambdas/core/transparency/entry-bundle';
import { indexPath } from '../../../lambdas/core/transparency/event-index';
import { eventEntry } from '../../../lambdas/core/transparency/log-entry';
import { parseTilePath, TILE_WIDTH } from '../../../lambdas/core/transparency/log-tile';
import { leafHash, perfectRoot } from '../../../lambdas/core/transparency/merkle-hash';
import type { LogFiles } from '../../../lambdas/core/transparency/ports/log-files';
import { formatNote } from '../../../lambdas/core/transparency/signed-note';
import { rootOf } from '../../../lambdas/core/transparency/tree-levels';
import { testSigner } from '../../doubles/transparency/test-signer';

const LEVELS = 5;
const MINUTE_MS = 60_000;
const ALIKE = eventEntry('0'.repeat(32), Buffer.alloc(32), Buffer.from('alike'));

/**
 * A log of any size whose entries are all alike but one, so that tiles, bundles and index are made when they are read. The index has
 * two objects of the event's minute, as where somebody published within it.
 */
export function sparseLog({ size, place, id, time }: { size: number; place: number; id: string; time: number }) {
  const entry = eventEntry(id, Buffer.alloc(32), Buffer.from('the one'));
  const alike: Buffer[] = [leafHash(ALIKE)];
  for (let level = 1; level <= LEVELS; level += 1) {
    alike.push(perfectRoot(Buffer.concat(new Array<Buffer>(TILE_WIDTH).fill(alike[level - 1]!))));
  }
  /** The hash of a whole subtree of 256^level entries. */
  const hashAt = (level: number, index: number): Buffer => {
    if (Math.floor(place / TILE_WIDTH ** level) !== index) return alike[level]!;
    return level === 0 ? leafHash(entry) : perfectRoot(tileAt(level - 1, index, TILE_WIDTH));
  };
  const tileAt = (level: number, index: number, width: number): Buffer =>
    Buffer.concat(Array.from({ length: width }, (_, at) => hashAt(level, index * TILE_WIDTH + at)));
  const levels = Array.from({ length: LEVELS }, (_, level) => {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    const width = hashes % TILE_WIDTH;
    const last = tileAt(level, Math.floor(hashes / TILE_WIDTH), width);
    return { hashes: Buffer.concat([last], TILE_WIDTH * 32), width };
  });
  const origin = '111111111111/keyward/test/eu-west-1';
  const text = formatCheckpoint({ origin, size, root: rootOf(levels), extensions: [] });
  const checkpoint = formatNote({ text, signatures: [testSigner(origin).sign(text)] });
  const minute = Math.floor(time / MINUTE_MS);
  const record = Buffer.alloc(22);
  record.write(id, 'hex');
  record.writeUIntBE(place, 16, 6);
  const index = new Map([
    [indexPath(minute, 7), Buffer.alloc(22)],
    [indexPath(minute, 8), record],
  ]);
  const reads: string[] = [];
  const files: LogFiles = {
    list: async (prefix) => {
      reads.push(prefix);
      return [...index.keys()].filter((path) => path.startsWith(prefix));
    },
    read: async (path) => {
      reads.push(path);
      if (path === 'checkpoint') return checkpoint;
      const tile = parseTilePath(path).value;
      if (tile === undefined) return index.get(path);
      if (tile.level !== 'entries') return tileAt(tile.level, tile.index, tile.width);
      const first = tile.index * TILE_WIDTH;
      return encodeBundle(Array.from({ length: tile.width }, (_, at) => (first + at === place ? entry : ALIKE)));
    },
  };
  return { files, reads };
}
