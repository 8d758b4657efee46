import { close, constants, fdatasync, fstatSync, open as openFile, statSync, write } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { syncDirectory } from '../../lambdas/adapters/local/private-file';
import { identityOf } from '../storage/opened-directory';
import { probeRoom } from '../storage/probe-room';
import { SET_ASIDE, type AppendedFile, type JournalFiles } from './journal-files';

const OWNER_ONLY = 0o600;
const DIRECTORY = 0o700;
const PROBE_BYTES = 262_144;
/**
 * With O_DSYNC Linux ends a write only after the device has the data, as with a subsequent `fdatasync` (open(2)): one trip
 * through libuv's pool per group instead of two. macOS has the flag, but leaves the data in the device's cache.
 */
const SYNCS_EACH_WRITE = process.platform === 'linux';
const NEW =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_EXCL |
  constants.O_APPEND |
  (SYNCS_EACH_WRITE ? constants.O_DSYNC : 0);

const opened = promisify(openFile);
const synced = promisify(fdatasync);
const closed = promisify(close);

/**
 * Opens a directory of this machine, and creates it if it does not exist.
 *
 * @param directory its parent exists
 */
export async function openDiskJournalFiles(directory: string): Promise<JournalFiles> {
  const at = (name: string): string => join(directory, name);
  const made = await mkdir(at(SET_ASIDE), { recursive: true, mode: DIRECTORY });
  if (made !== undefined) {
    await syncDirectory(directory);
    await syncDirectory(dirname(directory));
  }
  const identity = identityAt(directory);
  return {
    list: () => readdir(directory),
    size: async (name) => (await stat(at(name))).size,
    read: async (name, position, length) => {
      const file = await open(at(name), constants.O_RDONLY);
      try {
        return await readFully(file, position, length);
      } finally {
        await file.close();
      }
    },
    create: async (name) => {
      // Nothing is written to another directory at the same path.
      if (identityAt(directory) !== identity) throw Object.assign(new Error('another directory'), { code: 'ENOENT' });
      return appendedFile(at(name), await opened(at(name), NEW, OWNER_ONLY));
    },
    truncate: async (name, length) => {
      const file = await open(at(name), constants.O_WRONLY);
      try {
        await file.truncate(length);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    rename: (from, to) => rename(at(from), at(to)),
    remove: (name) => rm(at(name), { force: true }),
    syncNames: async () => {
      await syncDirectory(at(SET_ASIDE));
      await syncDirectory(directory);
    },
    probe: () => probeRoom(directory, PROBE_BYTES),
  };
}

/** Takes microseconds; a trip through libuv's pool takes ten times that. */
function identityAt(path: string): string | undefined {
  try {
    return identityOf(statSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

async function readFully(file: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function appendedFile(path: string, descriptor: number): AppendedFile {
  const identity = identityOf(fstatSync(descriptor, { bigint: true }));
  return {
    write: (bytes) => writeFully(descriptor, bytes),
    sync: () => (SYNCS_EACH_WRITE ? Promise.resolve() : synced(descriptor)),
    isInPlace: () => identityAt(path) === identity,
    close: () => closed(descriptor),
  };
}

/** A write may be partial, for example if the disk becomes full (write(2)). */
const writeFully = (descriptor: number, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error !== null) reject(error);
      else if (written === bytes.length) resolve();
      else writeFully(descriptor, bytes.subarray(written)).then(resolve, reject);
    });
  });
