import { open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const PROBE_FILE = 'keyward-probe';

/**
 * Resolves where a directory has room for so many bytes and takes them durably. Throws what the system throws, ENOSPC also before
 * anything is written: filling up what little there is would take it from others on the same disk.
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
