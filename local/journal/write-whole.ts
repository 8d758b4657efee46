import type { JournalFiles } from './journal-files';

/** Writes a file atomically, and replaces an existing one. Throws errors of the system. */
export async function writeWhole(
  files: JournalFiles,
  name: string,
  parts: Iterable<Buffer> | AsyncIterable<Buffer>,
): Promise<void> {
  const temporary = `${name}.new`;
  await files.remove(temporary);
  const file = await files.create(temporary);
  try {
    for await (const part of parts) await file.write(part);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(temporary, name);
  await files.syncNames();
}
