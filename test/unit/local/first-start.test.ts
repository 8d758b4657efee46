import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFirstStart } from '../../../local/storage/first-start';
import { testRandomness } from '../../doubles/memory-ports';
import { temporaryDirectory } from './temporary-directory';

const parent = temporaryDirectory();
const newHome = (...names: string[]): string => {
  const home = mkdtempSync(join(parent, 'home-'));
  for (const name of names) {
    if (['keysets', 'dynamodb', 'audit'].includes(name)) mkdirSync(join(home, name));
    else writeFileSync(join(home, name), '');
  }
  return home;
};
const open = (home: string) => openFirstStart(home, testRandomness);

test('an empty directory is one, until a keyset is stored, however often it is interrupted', async () => {
  const home = newHome('a file of somebody else');
  expect((await open(home)).isFirst).toBe(true);
  writeFileSync(join(home, 'kek.json'), '');
  const first = await open(home);
  expect(first.isFirst).toBe(true);
  await first.end();
  await first.end();
  expect((await open(home)).isFirst).toBe(false);
  expect(existsSync(join(home, 'first-start'))).toBe(false);
});

const OTHERS = [
  'keysets',
  'dynamodb',
  'audit',
  'principals.json',
  'credentials',
  'curl-admin.conf',
  'curl-openai-only.conf',
  'version',
];
const combinations = Array.from({ length: 2 ** OTHERS.length - 1 }, (_, index) =>
  OTHERS.filter((_name, bit) => (((index + 1) >> bit) & 1) === 1),
);

test('whatever else an earlier start has left, its KEK file is missed, and nothing is made, at every start', async () => {
  for (const names of combinations) {
    const home = newHome(...names);
    for (let start = 0; start < 2; start += 1) {
      await expect(open(home)).rejects.toMatchObject({
        code: 'configuration_invalid',
        message: expect.stringMatching(/kek\.json is missing although .*: restore it from a backup, or move/) as string,
      });
    }
    expect(readdirSync(home).sort()).toEqual([...names].sort());
  }
});

test('beside a KEK file it is never one, whatever is missing', async () => {
  for (const names of [[], ...combinations]) {
    const home = newHome('kek.json', ...names);
    for (let start = 0; start < 2; start += 1) expect((await open(home)).isFirst).toBe(false);
    expect(readdirSync(home)).toHaveLength(names.length + 1);
  }
});

test('what cannot be looked at is one sentence', async () => {
  const home = newHome('file');
  await expect(open(join(home, 'file'))).rejects.toThrow(/kek\.json cannot be read \(ENOTDIR\)/);
});
