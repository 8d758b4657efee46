import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareDataDirectory } from '../../../local/storage/data-directory';
import { temporaryDirectory } from './temporary-directory';

const parent = temporaryDirectory();
const wrong = (path: string, sentence: RegExp) => ({
  code: 'configuration_invalid',
  message: expect.stringMatching(new RegExp(`^${path} ${sentence.source}$`)) as string,
});

test('is made where it is not there, for its owner alone, and is empty until something is in it', async () => {
  const path = join(parent, 'a', 'b');
  expect(await prepareDataDirectory(path)).toEqual({ isEmpty: true });
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(await prepareDataDirectory(path)).toEqual({ isEmpty: true });
  writeFileSync(join(path, 'kek.json'), '');
  expect(await prepareDataDirectory(path)).toEqual({ isEmpty: false });
});

test('open to others is refused, and stays as it is', async () => {
  const path = join(parent, 'open');
  mkdirSync(path);
  for (const mode of [0o755, 0o750, 0o701]) {
    chmodSync(path, mode);
    await expect(prepareDataDirectory(path)).rejects.toMatchObject(wrong(path, /is open to other users.*0700/));
    expect(statSync(path).mode & 0o777).toBe(mode);
  }
});

test('a file, or a path through a file, is refused', async () => {
  const file = join(parent, 'file');
  writeFileSync(file, 'kept');
  await expect(prepareDataDirectory(file)).rejects.toMatchObject(wrong(file, /is not a directory/));
  const below = join(file, 'x');
  await expect(prepareDataDirectory(below)).rejects.toMatchObject(wrong(below, /is not a directory/));
  expect(existsSync(below)).toBe(false);
});

test('a name that no file system takes is refused', async () => {
  const path = join(parent, 'x'.repeat(300));
  await expect(prepareDataDirectory(path)).rejects.toMatchObject(
    wrong(path, /cannot be used as the data directory \(ENAMETOOLONG\)/),
  );
});
