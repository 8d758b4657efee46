import { mkdir, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  badFile,
  readPrivateFile,
  replacePrivateFile,
  syncDirectory,
  systemCode,
} from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import type { Clock } from '../../lambdas/core/ports/clock';
import { newDiskDatabase, type DiskDatabase } from '../database/level-modules';
import { storageFailureOf } from '../database/storage-failure';

export interface Ownership {
  /** False if the previous owner was killed, or its machine lost power. */
  readonly endedCleanly: boolean;
  /**
   * Releases it for another process.
   *
   * @param isClean false leaves it as after a kill, for the next start to inspect
   */
  release(isClean: boolean): Promise<void>;
}

/** An empty database that is only locked by LevelDB. Nothing else in this process may open a file in it. */
export const OWNER_DIRECTORY = 'owner';
export const LOCK_FILE = 'LOCK';
/** Exists while a process owns the directory, and after one that could not remove it. */
export const RUNNING_FILE = 'running';

/** Directories that this process owns, by device and inode: the system's lock does not exclude a process from itself. */
const owned = new Set<string>();

/**
 * Makes this process the only user of a data directory, until it releases it or ends in any way. Must be called before anything
 * in the directory is opened.
 *
 * The lock is LevelDB's (POSIX `fcntl`), on a database of its own, which nothing here opens a second time: closing any descriptor
 * of a locked file releases the lock (fcntl(2)). It holds for all processes of one kernel, by any path; on a network file system
 * it is as reliable as that file system's locks.
 *
 * @param home exists
 * @throws KeywardError `configuration_invalid`, one sentence, if another process or this one owns it
 */
export async function ownDataDirectory(
  home: string,
  { clock, randomness }: { clock: Clock; randomness: Randomness },
): Promise<Ownership> {
  const { dev, ino } = await stat(home, { bigint: true });
  const identity = `${dev}:${ino}`;
  if (owned.has(identity)) throw inUse(home, process.pid);
  owned.add(identity);
  let lock: DiskDatabase;
  try {
    lock = await openLock(home);
  } catch (thrown) {
    owned.delete(identity);
    const name = storageFailureOf(thrown);
    throw name === 'LEVEL_LOCKED' ? inUse(home, await ownerOf(home)) : badFile(home, `cannot be used (${name})`);
  }
  const giveUp = async (): Promise<void> => {
    await lock.close();
    owned.delete(identity);
  };
  const mark = join(home, RUNNING_FILE);
  try {
    const endedCleanly = (await stat(mark).catch(() => undefined)) === undefined;
    await markRunning(mark, clock, randomness);
    return {
      endedCleanly,
      release: async (isClean) => {
        // If it cannot be removed, the next start only inspects more.
        if (isClean) await removeDurably(mark).catch(() => undefined);
        await giveUp();
      },
    };
  } catch (thrown) {
    await giveUp();
    throw thrown;
  }
}

async function openLock(home: string): Promise<DiskDatabase> {
  const directory = join(home, OWNER_DIRECTORY);
  await mkdir(directory, { mode: 0o700 }).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'EEXIST') throw thrown;
  });
  try {
    return await openLevel(directory);
  } catch (thrown) {
    if (!isDamage(storageFailureOf(thrown))) throw thrown;
    // Nothing in it can be lost. LOCK stays: a new file would not be locked for the owner of the old one.
    for (const name of await readdir(directory)) {
      if (name !== LOCK_FILE) await rm(join(directory, name), { recursive: true, force: true });
    }
    return openLevel(directory);
  }
}

const isDamage = (name: string): boolean => !/^(LEVEL_LOCKED|E[A-Z]+)$/.test(name);

async function openLevel(directory: string): Promise<DiskDatabase> {
  const level = newDiskDatabase(directory, { writeBufferSize: 65_536, cacheSize: 65_536 });
  await level.open();
  return level;
}

/** Replaces an old mark atomically: a crash in between must not look like a clean end. */
async function markRunning(mark: string, clock: Clock, randomness: Randomness): Promise<void> {
  const text = JSON.stringify({ pid: process.pid, started_at: new Date(clock.now()).toISOString() });
  await replacePrivateFile(mark, `${text}\n`, randomness);
}

async function removeDurably(mark: string): Promise<void> {
  await unlink(mark);
  await syncDirectory(join(mark, '..'));
}

const inUse = (home: string, pid: number | undefined): Error =>
  badFile(
    home,
    `is in use by another running Keyward${pid === undefined ? '' : ` (process ${pid})`}; stop that one first`,
  );

/** Best effort: the owner may just be writing its id, or be in a container with other process ids. */
async function ownerOf(home: string): Promise<number | undefined> {
  const text = await readPrivateFile(join(home, RUNNING_FILE)).catch(() => undefined);
  const owner: unknown = parseStrictJson(text ?? '');
  const pid = isRecord(owner) ? owner['pid'] : undefined;
  return typeof pid === 'number' && isAlive(pid) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return systemCode(thrown) === 'EPERM';
  }
}
