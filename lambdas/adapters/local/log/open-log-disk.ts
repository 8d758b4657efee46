import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from '../private-file';
import type { LogDisk } from './log-disk';

const OWNER_ONLY = 0o600;
const DIRECTORY = 0o700;
const GROUP_OR_OTHERS = 0o077;
/** Windows has no permission bits and does not open directories; there the permissions of the profile directory protect the files. */
const POSIX = process.platform !== 'win32';

/**
 * Opens a directory of this machine, and creates it if it does not exist; its name is then durable.
 *
 * @param directory its parent exists
 */
export function openLogDisk(directory: string): LogDisk {
  const at = (path: string): string => join(directory, path);
  makeUnlessThere(directory);
  if (POSIX) syncAt(dirname(directory), constants.O_RDONLY);
  return {
    read: (path) => unlessMissing(() => readFileSync(at(path)), undefined),
    names: (path) =>
      unlessMissing(
        () =>
          readdirSync(at(path), { withFileTypes: true }).map((entry) =>
            entry.isDirectory() ? `${entry.name}/` : entry.name,
          ),
        [],
      ),
    isPrivate: (path) =>
      unlessMissing(() => {
        const stats = statSync(at(path));
        return stats.isFile() && (!POSIX || (stats.mode & GROUP_OR_OTHERS) === 0);
      }, false),
    makeDirectory: (path) => {
      makeUnlessThere(at(path));
    },
    write: (path, bytes) => {
      writeFileSync(at(path), bytes, { mode: OWNER_ONLY });
    },
    sync: (path) => {
      syncAt(at(path), constants.O_RDWR);
    },
    rename: (from, to) => {
      renameSync(at(from), at(to));
    },
    remove: (path) => {
      rmSync(at(path), { force: true });
    },
    syncDirectory: (path) => {
      if (POSIX) syncAt(at(path), constants.O_RDONLY);
    },
  };
}

function makeUnlessThere(path: string): void {
  try {
    mkdirSync(path, { mode: DIRECTORY });
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown;
  }
}

function syncAt(path: string, flags: number): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unlessMissing<T>(look: () => T, missing: T): T {
  try {
    return look();
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return missing;
    throw thrown;
  }
}
