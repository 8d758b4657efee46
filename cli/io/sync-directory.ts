import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Makes the names in a directory durable. Windows does not open directories. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
