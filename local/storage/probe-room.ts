import { open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const PROBE_FILE = 'keyward-probe';

/**
 * Resolves if a directory has room for `bytes` and stores them durably. Throws errors of the system, ENOSPC also before anything
 * is written: filling the remaining room would take it from others on the same disk.
 */
export async function probeRoom(directory: string, bytes: number): Promise<void> {
  const path = join(directory, PROBE_FILE);
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < bytes) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(Buffer.alloc(bytes));
    await file.sync();
  } finally {
    await file.close();
    await unlink(path);
  }
}
