import { chmod, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markDataVersion, readDataVersion } from '../../../local/storage/data-version';
import { testRandomness } from '../../doubles/memory-ports';
import { temporaryDirectory } from './temporary-directory';

const parent = temporaryDirectory();
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(parent, 'home-'));
});

const mark = (text: string): Promise<void> => writeFile(join(home, 'version'), text, { mode: 0o600 });

it('takes a directory without a mark for the first version, and marks it', async () => {
  expect(await readDataVersion(join(home, 'missing'))).toBe(1);
  expect(await readDataVersion(home)).toBe(1);
  await markDataVersion(home, testRandomness);
  expect(await readDataVersion(home)).toBe(4);
  await markDataVersion(home, testRandomness);
  expect(await readdir(home)).toEqual(['version']);
});

it.each([1, 2, 3])('takes over every older one: %i', async (version) => {
  await mark(`${version}\n`);
  expect(await readDataVersion(home)).toBe(version);
  await markDataVersion(home, testRandomness);
  expect(await readFile(join(home, 'version'), 'utf8')).toBe('4\n');
});

it('refuses a newer one with a sentence, and changes nothing', async () => {
  await mark('5\n');
  const newer = {
    code: 'configuration_invalid',
    message: `${home} is of a newer Keyward (version 5 of the data directory, where this one knows 4); start that one`,
  };
  await expect(readDataVersion(home)).rejects.toMatchObject(newer);
  await expect(markDataVersion(home, testRandomness)).rejects.toMatchObject(newer);
  expect(await readFile(join(home, 'version'), 'utf8')).toBe('5\n');
});

it.each(['', '0', '02', '-1', '1e3', '2 ', 'two', '2\n\n', '9999999999'])(
  'refuses what is no version: %j',
  async (text) => {
    await mark(text);
    await expect(readDataVersion(home)).rejects.toMatchObject({
      message: expect.stringContaining('is damaged') as string,
    });
  },
);

it('refuses a mark that others can write', async () => {
  await mark('2\n');
  await chmod(join(home, 'version'), 0o666);
  await expect(readDataVersion(home)).rejects.toMatchObject({ message: expect.stringContaining('0600') as string });
});
