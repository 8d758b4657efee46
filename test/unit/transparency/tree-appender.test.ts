import fc from 'fast-check';
import { edgeTiles, parseTilePath, TILE_WIDTH } from '../../../lambdas/core/transparency/log-tile';
import { parseBundle } from '../../../lambdas/core/transparency/entry-bundle';
import { EMPTY_EDGE, readRightEdge } from '../../../lambdas/core/transparency/right-edge';
import { createTreeAppender } from '../../../lambdas/core/transparency/tree-appender';
import { runs } from '../../effort';
import { flipped } from './flipped';
import { naiveTree, someEntries } from './naive-tree';
import { EMPTY_TREE, extend, logOf, storedLog } from './stored-log';

const COUNT = 66_000;
const ENTRIES = someEntries(COUNT);
const naive = naiveTree(ENTRIES);

test('the root after each of the first 300 entries, and no object but full tiles while they come', () => {
  const appender = createTreeAppender(EMPTY_EDGE);
  expect(appender.current()).toEqual({ tree: naive.tree(0), partial: [] });
  for (let size = 1; size <= 300; size += 1) {
    const full = [...appender.append([ENTRIES[size - 1]!])];
    expect(full.map(({ tile }) => tile)).toEqual(
      size === 256
        ? [
            { level: 'entries', index: 0, width: 256 },
            { level: 0, index: 0, width: 256 },
          ]
        : [],
    );
    const { tree, partial } = appender.current();
    expect(tree.root.equals(naive.tree(size).root)).toBe(true);
    expect(new Set(partial.map(({ tile }) => tile))).toEqual(new Set(edgeTiles(size)));
  }
});

test('every tile and bundle of 66,000 entries is what tlog-tiles defines', async () => {
  const { log, tree } = await logOf(ENTRIES);
  expect(tree).toEqual(naive.tree(COUNT));
  let hashes = 0;
  for (const [path, bytes] of log.objects) {
    const { level, index, width } = parseTilePath(path).value!;
    if (level === 'entries') {
      const { value } = parseBundle(bytes, width);
      const wanted = ENTRIES.slice(index * 256, index * 256 + width);
      if (!value!.every((entry, at) => entry.equals(wanted[at]!))) throw new Error(path);
      continue;
    }
    const span = 256 ** level;
    const wanted = Array.from({ length: width }, (_, at) => index * 256 + at).map((n) =>
      naive.hash(n * span, (n + 1) * span),
    );
    if (!bytes.equals(Buffer.concat(wanted))) throw new Error(path);
    hashes += width;
  }
  expect(hashes).toBe(COUNT + Math.floor(COUNT / 256) + Math.floor(COUNT / 65_536));
});

test('a log that grows in any steps has the same objects as one that was written at once', async () => {
  const steps = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(steps, async (counts) => {
      const grown = storedLog();
      let tree = EMPTY_TREE;
      for (const count of counts) {
        tree = await extend(grown, tree, ENTRIES.slice(tree.size, tree.size + count));
        expect(tree).toEqual(naive.tree(tree.size));
      }
      const { log } = await logOf(ENTRIES.slice(0, tree.size));
      expect([...log.objects].every(([path, bytes]) => grown.objects.get(path)?.equals(bytes))).toBe(true);
    }),
    { numRuns: runs(100, 10) },
  );
});

test('big trees grow by the right edge alone: a read a level and one of the last bundle, and nothing else is written', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 65_900));
  log.reads = 0;
  const before = new Set(log.objects.keys());
  expect(await extend(log, tree, ENTRIES.slice(65_900, 66_000))).toEqual(naive.tree(66_000));
  expect(log.reads).toBe(4);
  expect([...log.objects.keys()].filter((path) => !before.has(path))).toEqual([
    'tile/0/257.p/208',
    'tile/entries/257.p/208',
  ]);
});

test('no changed bit of the right edge is continued, nor is another root, a missing or a shortened object', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 515));
  const edge = edgeTiles(515).length;
  expect(edge).toBe(3);
  const faults = async (path: string, bytes: Buffer | undefined) => {
    const objects = new Map(log.objects);
    if (bytes === undefined) objects.delete(path);
    else objects.set(path, bytes);
    return (await readRightEdge(storedLog(objects), tree)).fault;
  };
  for (const path of ['tile/0/002.p/3', 'tile/1/000.p/2', 'tile/entries/002.p/3']) {
    const bytes = log.objects.get(path)!;
    for (const changed of flipped(bytes)) if ((await faults(path, changed)) === undefined) throw new Error(path);
    expect(await faults(path, undefined)).toBe('tile_missing');
    expect(await faults(path, bytes.subarray(1))).toMatch(/^(tile_width|bundle_form|bundle_width)$/);
    expect(await faults(path, Buffer.alloc(0))).toMatch(/^(tile_width|bundle_width)$/);
  }
  const other = { size: 515, root: naive.tree(516).root };
  expect(await readRightEdge(log, other)).toEqual({ fault: 'root_mismatch' });
});

test('a partial tile or bundle that is gone is taken from the full one', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 515));
  await extend(log, tree, ENTRIES.slice(515, 800));
  log.objects.delete('tile/0/002.p/3');
  log.objects.delete('tile/entries/002.p/3');
  const edge = await readRightEdge(log, tree);
  expect(edge.value?.entries).toEqual(ENTRIES.slice(512, 515));
  expect(createTreeAppender(edge.value!).current().tree).toEqual(tree);
  log.objects.set('tile/entries/002', log.objects.get('tile/entries/002')!.subarray(1));
  expect((await readRightEdge(log, tree)).fault).toMatch(/^bundle_/);
});

test.each([256, 512, 65_536, 65_792])('a tree of %d entries, with empty levels at its edge, grows', async (size) => {
  const { log, tree } = await logOf(ENTRIES.slice(0, size));
  expect(await extend(log, tree, ENTRIES.slice(size, size + 3))).toEqual(naive.tree(size + 3));
});

test('an appender does not change the edge that it was made from', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 300));
  const edge = (await readRightEdge(log, tree)).value!;
  for (let time = 0; time < 2; time += 1) {
    const appender = createTreeAppender(edge);
    Array.from(appender.append(ENTRIES.slice(300, 300 + TILE_WIDTH)));
    expect(appender.current().tree).toEqual(naive.tree(556));
  }
});
