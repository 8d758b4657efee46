import { isLogPath, isLogPrefix } from '../../../lambdas/core/transparency/log-path';

const HASH = '0f'.repeat(32);
const PATHS = [
  'checkpoint',
  'state',
  'keys',
  'tile/0/000',
  'tile/0/x001/x234/067.p/12',
  'tile/entries/000.p/255',
  'index/2026/11/27/14/05/000000000001',
  'hand-over/000000000007',
  `archive/2026-11-27T14/${HASH}`,
];

it.each(PATHS)('%s is a path of a log, and nothing that is nearly it', (path) => {
  expect(isLogPath(path)).toBe(true);
  const near = [
    `/${path}`,
    `./${path}`,
    `../${path}`,
    `${path}/`,
    `${path}/..`,
    `${path}\0`,
    `${path}\n`,
    `${path}.gz`,
  ];
  for (const other of [...near, path.toUpperCase(), `${path}%2e`, ` ${path}`, path.replace(/\//, '//') + '/x']) {
    expect([other, isLogPath(other)]).toEqual([other, false]);
  }
});

it.each([
  '',
  '.',
  '..',
  'keys/../log-key.json',
  'archive/../../kek.json',
  'archive/2026-11-27T14/../../../kek.json',
  'tile/0/../../../kek.json',
  'tile/64/000',
  'tile/0/1',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'index/2026/11/27/14/000000000001',
  'index/2026/11/27/14/05/1',
  `archive/2026-11-27T14/${HASH}0`,
  `archive/2026-11-27t14/${HASH}`,
  'archive\\2026-11-27T14\\x',
  'constructor',
  '__proto__',
])('%j is no path of a log', (path) => {
  expect(isLogPath(path)).toBe(false);
});

it('prefixes are the directories of the layout, with their slash', () => {
  const prefixes = ['archive/', 'archive/2026-11-27T14/', 'index/', 'index/2026/', 'index/2026/11/27/14/05/'];
  for (const prefix of [...prefixes, 'hand-over/', 'tile/', 'tile/0/', 'tile/entries/x001/']) {
    expect([prefix, isLogPrefix(prefix), isLogPath(prefix)]).toEqual([prefix, true, false]);
    for (const other of [prefix.slice(0, -1), `${prefix}../`, `/${prefix}`, `${prefix}/`]) {
      expect([other, isLogPrefix(other)]).toEqual([other, false]);
    }
  }
  for (const other of ['', '/', './', '../', 'c', 'owner/', 'archive/2026/', 'index/26/']) {
    expect([other, isLogPrefix(other)]).toEqual([other, false]);
  }
});
