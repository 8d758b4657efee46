import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Files = ReadonlyMap<string, Buffer>;

/** Writes a log's files below a directory. */
export function writeLogFiles(directory: string, files: Files): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
}

/**
 * Changes a bit of a file.
 *
 * @returns puts the file back
 */
export function writeDamaged(directory: string, files: Files, path: string, at: number): () => void {
  const bytes = files.get(path) ?? Buffer.alloc(0);
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  writeFileSync(join(directory, path), changed);
  return () => {
    writeFileSync(join(directory, path), bytes);
  };
}
