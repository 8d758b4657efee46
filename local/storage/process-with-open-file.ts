import { readdir, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { identityOf } from './opened-directory';

/**
 * Finds another process of this machine that has a file open, by any path. Works only on Linux (proc(5), "/proc/pid/fd"), and not
 * for processes of other users or in another container.
 *
 * @returns its process id; undefined if none is known. The file itself is not opened
 */
export async function processWithOpenFile(path: string): Promise<number | undefined> {
  const wanted = await identityAt(path);
  if (wanted === undefined) return undefined;
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
  for (const pid of processes) {
    if (pid === process.pid) continue;
    const directory = `/proc/${pid}/fd`;
    for (const name of await readdir(directory).catch(() => [])) {
      const open = join(directory, name);
      // Read first: stat of an unrelated file may take as long as a network file system does.
      const target = await readlink(open).catch(() => '');
      if (basename(target) === basename(path) && (await identityAt(open)) === wanted) return pid;
    }
  }
  return undefined;
}

const identityAt = async (path: string): Promise<string | undefined> => {
  try {
    return identityOf(await stat(path, { bigint: true }));
  } catch {
    return undefined;
  }
};
