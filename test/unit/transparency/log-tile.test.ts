import fc from 'fast-check';
import {
  edgeTiles,
  hashInTile,
  parseTilePath,
  TILE_WIDTH,
  tileOf,
  tilePath,
} from '../../../lambdas/core/transparency/log-tile';
import { naiveTree, someEntries } from './naive-tree';

test.each([
  ['tile/0/000', { level: 0, index: 0, width: 256 }],
  ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
  ['tile/2/000.p/1', { level: 2, index: 0, width: 1 }],
  ['tile/entries/x001/000.p/255', { level: 'entries', index: 1000, width: 255 }],
  ['tile/63/999', { level: 63, index: 999, width: 256 }],
] as const)('%s is the path of a tile', (path, tile) => {
  expect(tilePath(tile)).toBe(path);
  expect(parseTilePath(path)).toEqual({ value: tile });
});

test.each([
  '',
  'tile/0/',
  '/tile/0/000',
  'tile/0/000/',
  'tile/0/0',
  'tile/0/0000',
  'tile/00/000',
  'tile/01/000',
  'tile/64/000',
  'tile/-1/000',
  'tile/0/x000/000',
  'tile/0/x000/x000/001',
  'tile/0/001/000',
  'tile/0/x001/x000',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/0/000.p/',
  'tile/0/000.p/999',
  'tile/data/000',
  'tile/entries/../000',
  'tile/0/000\n',
  `tile/0/${'x999/'.repeat(6)}999`,
])('%j is refused', (path) => {
  expect(parseTilePath(path)).toEqual({ fault: 'tile_path' });
});

test('every tile has one path', () => {
  const level = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const));
  const index = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.maxSafeNat());
  const tile = fc.record({ level, index, width: fc.integer({ min: 1, max: 256 }) });
  fc.assert(
    fc.property(tile, (each) => {
      expect(parseTilePath(tilePath(each))).toEqual({ value: each });
    }),
  );
});

test('the example of tlog-tiles: the right edge of a tree with 70,000 entries', () => {
  expect(edgeTiles(70_000).map(tilePath)).toEqual([
    'tile/0/273.p/112',
    'tile/entries/273.p/112',
    'tile/1/001.p/17',
    'tile/2/000.p/1',
  ]);
  expect(edgeTiles(256).map(tilePath)).toEqual(['tile/1/000.p/1']);
  expect(edgeTiles(0)).toEqual([]);
});

test('the hash of any perfect subtree comes from its tile', () => {
  const size = 700;
  const naive = naiveTree(someEntries(size));
  const level0 = [0, 1, 2].map((tile) =>
    Buffer.concat(
      Array.from({ length: Math.min(TILE_WIDTH, size - tile * TILE_WIDTH) }, (_, at) => naive.leaf(tile * 256 + at)),
    ),
  );
  const level1 = Buffer.concat([naive.hash(0, 256), naive.hash(256, 512)]);
  for (let height = 0; height <= 9; height += 1) {
    for (let index = 0; (index + 1) * 2 ** height <= size; index += 1) {
      const tile = tileOf({ height, index }, size);
      const bytes = tile.level === 0 ? level0[tile.index]! : level1;
      const wanted = naive.hash(index * 2 ** height, (index + 1) * 2 ** height);
      const isIt = hashInTile({ height, index }, bytes).equals(wanted) && bytes.length === tile.width * 32;
      if (!isIt || tile.level !== (height < 8 ? 0 : 1)) throw new Error(`${height} ${index}`);
    }
  }
});
