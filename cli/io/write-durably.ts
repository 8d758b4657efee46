import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './sync-directory';

const OWNER_ONLY = 0o600;
const NEW = 'wx';

/**
 * Writes a file of mode 0600 as a whole: after a kill or a power cut it is there with all its bytes, or as it was. An existing file
 * is replaced.
 *
 * @param temporary where it is written first, on the same file system; left out: beside it, with the suffix `.part`
 * @throws the system's error
 */
export async function writeDurably(path: string, bytes: Buffer, temporary = `${path}.part`): Promise<void> {
  await rm(temporary, { force: true });
  const file = await open(temporary, NEW, OWNER_ONLY);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}
