import { verifyLog } from '../../../lambdas/core/transparency/verify-log';
import { someEntries } from './naive-tree';
import { extend, logOf, storedLog } from './stored-log';

const ENTRIES = someEntries(4200);
const nothing = () => undefined;

test.each([0, 1, 255, 256, 257, 512, 4200])(
  'finds nothing in a clean log of %d entries, and shows each once',
  async (size) => {
    const { log, tree } = await logOf(ENTRIES.slice(0, size));
    const seen: string[] = [];
    const findings = await verifyLog(log, tree, (entry, index) => seen.push(`${index} ${entry.toString('utf8')}`));
    expect(findings).toEqual([]);
    expect(seen).toEqual(ENTRIES.slice(0, size).map((entry, index) => `${index} ${entry.toString('utf8')}`));
  },
);

test('shows the entries behind a bundle that is gone, and ends where a log has hardly any', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 600));
  log.objects.delete('tile/entries/000');
  const seen: number[] = [];
  const findings = await verifyLog(log, tree, (_, index) => seen.push(index));
  expect(findings).toEqual([{ fault: 'tile_missing', path: 'tile/entries/000' }]);
  expect(seen).toEqual(Array.from({ length: 344 }, (_, at) => 256 + at));
  expect(await verifyLog(storedLog(), { ...tree, size: 2 ** 40 }, nothing)).toHaveLength(1008);
});

test('tells whether older trees are its beginning', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 600));
  const sizes = [0, 1, 255, 256, 257, 511, 600];
  const older = await Promise.all(sizes.map(async (size) => (await logOf(ENTRIES.slice(0, size))).tree));
  expect(await verifyLog(log, tree, nothing, older)).toEqual([]);
  const others = older.map(({ size }) => ({ size, root: Buffer.alloc(32, 1) }));
  expect(await verifyLog(log, tree, nothing, [...older, ...others])).toEqual(
    sizes.slice(1).map((size) => ({ fault: 'history_mismatch', size })),
  );
});

test('verifies an older tree of a log that has grown, with partial objects or without', async () => {
  const { log, tree } = await logOf(ENTRIES.slice(0, 600));
  const grown = await extend(log, tree, ENTRIES.slice(600));
  expect(await verifyLog(log, tree, nothing)).toEqual([]);
  for (const path of log.objects.keys()) if (path.includes('/002.p/')) log.objects.delete(path);
  expect(await verifyLog(log, tree, nothing)).toEqual([]);
  expect(await verifyLog(log, grown, nothing)).toEqual([]);
});

describe('names what does not fit', () => {
  const findings = async (edit: (objects: Map<string, Buffer>) => void) => {
    const { log, tree } = await logOf(ENTRIES.slice(0, 1000));
    edit(log.objects);
    return verifyLog(log, tree, nothing);
  };
  const flip = (path: string, at: number) => (objects: Map<string, Buffer>) => {
    const bytes = Buffer.from(objects.get(path)!);
    bytes[at]! ^= 4;
    objects.set(path, bytes);
  };

  test.each(['tile/0/000', 'tile/0/002', 'tile/0/003.p/232', 'tile/1/000.p/3'])('an edited tile: %s', async (path) => {
    expect(await findings(flip(path, 5))).toEqual([{ fault: 'tile_mismatch', path }]);
  });

  test('a tile that is gone, or has another width', async () => {
    const path = 'tile/0/001';
    expect(await findings((objects) => objects.delete(path))).toEqual([{ fault: 'tile_missing', path }]);
    expect(await findings((objects) => objects.set(path, Buffer.alloc(31)))).toEqual([{ fault: 'tile_width', path }]);
  });

  test.each(['tile/entries/000', 'tile/entries/002', 'tile/entries/003.p/232'])('an edited entry: %s', async (path) => {
    expect(await findings(flip(path, 4))).toEqual([{ fault: 'root_mismatch' }, { fault: 'bundle_mismatch', path }]);
  });

  test('an entry that was edited together with its tile and all above it', async () => {
    const { tree } = await logOf(ENTRIES.slice(0, 1000));
    const other = await logOf(ENTRIES.slice(0, 1000).with(300, Buffer.from('another')));
    expect(await verifyLog(other.log, tree, nothing)).toEqual([{ fault: 'root_mismatch' }]);
  });

  test.each([
    ['removed', (objects: Map<string, Buffer>) => objects.delete('tile/entries/001'), 'tile_missing'],
    ['cut', (objects: Map<string, Buffer>) => objects.set('tile/entries/001', Buffer.of(0)), 'bundle_form'],
    ['emptied', (objects: Map<string, Buffer>) => objects.set('tile/entries/001', Buffer.alloc(0)), 'bundle_width'],
  ])('a bundle that was %s', async (_, edit, fault) => {
    expect(await findings((objects) => void edit(objects))).toEqual([{ fault, path: 'tile/entries/001' }]);
  });

  test('two entries that changed places', async () => {
    const { tree } = await logOf(ENTRIES.slice(0, 1000));
    const swapped = ENTRIES.slice(0, 1000).with(3, ENTRIES[4]!).with(4, ENTRIES[3]!);
    const { log } = await logOf(swapped);
    expect(await verifyLog(log, tree, nothing)).toEqual([{ fault: 'root_mismatch' }]);
  });

  test('a log that was cut short', async () => {
    const { tree } = await logOf(ENTRIES.slice(0, 1000));
    const { log } = await logOf(ENTRIES.slice(0, 900));
    expect(await verifyLog(log, tree, nothing)).toEqual([{ fault: 'tile_missing', path: 'tile/entries/003.p/232' }]);
    const all = ['000', '001', '002', '003.p/232'].map((name) => `tile/entries/${name}`);
    expect(await verifyLog(storedLog(), tree, nothing)).toEqual(all.map((path) => ({ fault: 'tile_missing', path })));
  });
});
