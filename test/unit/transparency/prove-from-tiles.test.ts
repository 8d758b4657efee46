import fc from 'fast-check';
import { leafHash, perfectRoot } from '../../../lambdas/core/transparency/merkle-hash';
import { verifyConsistency, verifyInclusion, type Tree } from '../../../lambdas/core/transparency/merkle-proof';
import { parseTilePath } from '../../../lambdas/core/transparency/log-tile';
import type { TileSource } from '../../../lambdas/core/transparency/ports/tile-source';
import { proveConsistency, proveInclusion } from '../../../lambdas/core/transparency/prove-from-tiles';
import { rootOf } from '../../../lambdas/core/transparency/tree-levels';
import { runs } from '../../effort';
import { flipped } from './flipped';
import { naiveTree, someEntries } from './naive-tree';
import { extend, logOf, storedLog } from './stored-log';

const COUNT = 2000;
const ENTRIES = someEntries(COUNT);
const naive = naiveTree(ENTRIES);

test('the proof of any entry in any tree is that of the definition', async () => {
  const { log } = await logOf(ENTRIES);
  const pair = fc
    .integer({ min: 1, max: COUNT })
    .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));
  await fc.assert(
    fc.asyncProperty(pair, async ([index, size]) => {
      const { value } = await proveInclusion({ source: log, size: COUNT }, naive.tree(size), index);
      expect(value).toEqual({ leaf: naive.leaf(index), hashes: naive.inclusion(index, size) });
    }),
    { numRuns: runs(1000, 100) },
  );
});

test('the proof between any two trees is that of the definition', async () => {
  const { log } = await logOf(ENTRIES);
  const pair = fc
    .integer({ min: 0, max: COUNT })
    .chain((size) => fc.tuple(fc.integer({ min: 0, max: size }), fc.constant(size)));
  await fc.assert(
    fc.asyncProperty(pair, async ([older, size]) => {
      const { value } = await proveConsistency({ source: log, size: COUNT }, naive.tree(older), naive.tree(size));
      expect(value).toEqual(naive.consistency(older, size));
    }),
    { numRuns: runs(1000, 100) },
  );
});

test('no changed bit of a tile that is read gets into a proof', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 600));
  let noticed = 0;
  for (const path of ['tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2']) {
    for (const [bit, bytes] of [...flipped(log.objects.get(path)!)].entries()) {
      if (bit % 1031 !== 0) continue;
      const damaged = storedLog(new Map([...log.objects, [path, bytes]]));
      const { value, fault } = await proveInclusion({ source: damaged, size: 600 }, tree, 300);
      expect(fault ?? 'unread').toMatch(/^(proof_mismatch|unread)$/);
      if (value) expect(verifyInclusion(naive.leaf(300), 300, tree, value.hashes)).toBe(true);
      noticed += value === undefined ? 1 : 0;
      const between = await proveConsistency({ source: damaged, size: 600 }, naive.tree(301), tree);
      if (between.value) expect(verifyConsistency(naive.tree(301), tree, between.value)).toBe(true);
    }
  }
  expect(noticed).toBeGreaterThan(25);
});

test('refuses an entry outside of the tree, a tree that shrank, a fork, and tiles that are gone or too short', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 600));
  const fork = await logOf([...ENTRIES.slice(0, 399), Buffer.from('another'), ...ENTRIES.slice(400, 600)]);
  expect(await proveInclusion({ source: log, size: 600 }, tree, 600)).toEqual({ fault: 'proof_index' });
  expect(await proveConsistency({ source: log, size: 600 }, tree, naive.tree(599))).toEqual({
    fault: 'proof_mismatch',
  });
  expect(await proveConsistency({ source: fork.log, size: 600 }, naive.tree(500), fork.tree)).toEqual({
    fault: 'proof_mismatch',
  });
  expect((await proveConsistency({ source: fork.log, size: 600 }, naive.tree(399), fork.tree)).fault).toBeUndefined();
  const without = (path: string, bytes?: Buffer) => {
    const objects = new Map(log.objects);
    objects.delete(path);
    if (bytes) objects.set(path, bytes);
    return { source: storedLog(objects), size: 600 };
  };
  expect(await proveInclusion(without('tile/0/001'), tree, 300)).toEqual({ fault: 'tile_missing' });
  expect(await proveInclusion(without('tile/0/002.p/88'), tree, 300)).toEqual({ fault: 'tile_missing' });
  expect(await proveConsistency(without('tile/0/001'), naive.tree(300), tree)).toEqual({ fault: 'tile_missing' });
  expect(await proveInclusion(without('tile/0/001', Buffer.alloc(8191)), tree, 300)).toEqual({ fault: 'tile_width' });
  expect(await proveInclusion(without('tile/0/001', Buffer.alloc(8224)), tree, 300)).toEqual({ fault: 'tile_width' });
});

test('partial tiles that are gone are taken from full ones', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 600));
  await extend(log, tree, ENTRIES.slice(600));
  log.objects.delete('tile/0/002.p/88');
  expect((await proveInclusion({ source: log, size: 600 }, tree, 590)).value?.hashes).toEqual(
    naive.inclusion(590, 600),
  );
});

/** A log whose entries are all alike, so that each tile can be made when it is asked for, at any size. */
function alikeLog(size: number): { readonly tree: Tree; readonly source: TileSource & { reads: string[] } } {
  const full: Buffer[] = [];
  const hashAt = (level: number): Buffer => {
    const below = full[level - 1];
    if (level > 0 && below === undefined) hashAt(level - 1);
    full[level] ??= level === 0 ? leafHash(Buffer.from('same')) : perfectRoot(tileOf(level - 1, 256));
    return full[level];
  };
  const tileOf = (level: number, width: number): Buffer => Buffer.concat(new Array<Buffer>(width).fill(hashAt(level)));
  const levels = Array.from({ length: 7 }, (_, level) => Math.floor(size / 256 ** level) % 256).map((width, level) => ({
    hashes: tileOf(level, 256),
    width,
  }));
  const reads: string[] = [];
  const source = {
    reads,
    read: async (path: string) => {
      reads.push(path);
      const { level, width } = parseTilePath(path).value!;
      return tileOf(Number(level), width);
    },
  };
  return { tree: { size, root: rootOf(levels) }, source };
}

test('among a hundred million entries a proof takes at most 12 reads, and so does one between two sizes', async () => {
  const sizes = [100_000_000, 99_999_999, 2 ** 26, 2 ** 26 + 1, 2 ** 24 * 5 + 2 ** 16 * 3 + 2 ** 8 * 7 + 11];
  let most = 0;
  for (const size of sizes) {
    const { tree, source } = alikeLog(size);
    const index = fc.integer({ min: 0, max: size - 1 });
    await fc.assert(
      fc.asyncProperty(index, async (at) => {
        source.reads.length = 0;
        const { value } = await proveInclusion({ source, size }, tree, at);
        expect(verifyInclusion(value!.leaf, at, tree, value!.hashes)).toBe(true);
        expect(source.reads.length).toBeLessThanOrEqual(8);
        expect(new Set(source.reads).size).toBe(source.reads.length);
        most = Math.max(most, source.reads.length);
        source.reads.length = 0;
        const older = alikeLog(at).tree;
        expect((await proveConsistency({ source, size }, older, tree)).fault).toBeUndefined();
        expect(source.reads.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: runs(200, 20), examples: [[0], [size - 1], [size - 2], [Math.floor(size / 2)]] },
    );
  }
  expect(most).toBeGreaterThan(4);
});

test('twelve reads suffice also where every partial tile of an old size is gone', async () => {
  const { tree, source } = alikeLog(100_000_000);
  const pruned: TileSource & { reads: number } = {
    reads: 0,
    read: async (path) => {
      pruned.reads += 1;
      return path.includes('.p/') ? undefined : source.read(path);
    },
  };
  expect((await proveInclusion({ source: pruned, size: tree.size }, tree, 12_345_678)).fault).toBeUndefined();
  expect(pruned.reads).toBeLessThanOrEqual(12);
});
