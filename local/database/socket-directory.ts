import { rmSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS } from '../../lambdas/core/contract/time-units';
import { systemCode } from '../../lambdas/adapters/local/private-file';
import { KeywardError } from '../../lambdas/core/errors/errors';

/** A directory that only this user can enter, for one socket. */
export interface SocketDirectory {
  readonly socketPath: string;
  /** Removes the directory with its contents. Harmless if it does not exist. */
  remove(): Promise<void>;
}

/** Shortest limit of all systems for a socket's path: 104 bytes with the terminating zero, on macOS. */
const MAX_SOCKET_PATH_BYTES = 103;
const PREFIX = 'keyward-';
const SOCKET_NAME = 'dynamodb';
const OURS = /^keyward-[A-Za-z0-9]{6}$/;
const OWNER_ONLY = 0o700;
/** A running process refuses connections for less than a millisecond, between binding and listening. */
const YOUNGEST_DEAD_MS = 1_000;
/** A running process takes about a second between making the directory and the socket in it. */
const YOUNGEST_DEAD_EMPTY_MS = HOUR_MS;

/**
 * Makes a directory in the temporary directory or, if that is impossible, under `fallback`; it is removed when the process ends.
 * Removes directories of dead processes in both.
 *
 * @param fallback a directory of this process alone; left out: none
 * @throws KeywardError `configuration_invalid`, one sentence, if neither can hold a socket
 */
export async function makeSocketDirectory(fallback?: string): Promise<SocketDirectory> {
  const temporary = tmpdir();
  const reasons: string[] = [];
  for (const parent of fallback === undefined ? [temporary] : [temporary, fallback]) {
    await removeDead(parent);
    try {
      return await makeIn(parent);
    } catch (thrown) {
      reasons.push(`${parent} (${reasonOf(thrown)})`);
    }
  }
  throw new KeywardError(
    'configuration_invalid',
    `a socket can be made neither in the temporary directory nor in the data directory: ${reasons.join(', ')}; set TMPDIR to a directory with a short path that can be written`,
  );
}

const reasonOf = (thrown: unknown): string =>
  thrown instanceof RangeError ? 'its path is too long' : systemCode(thrown);

async function makeIn(parent: string): Promise<SocketDirectory> {
  // mkdtemp replaces the last six characters; the length is checked before the directory is made.
  if (Buffer.byteLength(join(parent, `${PREFIX}XXXXXX`, SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES) throw new RangeError();
  // mkdtemp sets mode 0700.
  const directory = await mkdtemp(join(parent, PREFIX));
  const removeAtExit = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', removeAtExit);
  return {
    socketPath: join(directory, SOCKET_NAME),
    remove: async () => {
      process.removeListener('exit', removeAtExit);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A directory that cannot be inspected or removed stays: it does no harm. */
async function removeDead(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    if (OURS.test(name)) await removeIfDead(join(parent, name)).catch(() => undefined);
  }
}

/**
 * A directory is Keyward's if name, owner, mode and contents (nothing but the socket) match. It is dead if its socket has no
 * listener; a process id would prove less, because another process or container may have it by now.
 */
async function removeIfDead(directory: string): Promise<void> {
  const found = await lstat(directory);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o777) === OWNER_ONLY;
  if (!isOurs) return;
  const [first, ...others] = await readdir(directory);
  if (first === undefined) {
    if (Date.now() - found.mtimeMs > YOUNGEST_DEAD_EMPTY_MS) await rmdir(directory);
    return;
  }
  const socketPath = join(directory, SOCKET_NAME);
  if (first !== SOCKET_NAME || others.length > 0) return;
  const socket = await lstat(socketPath);
  if (!socket.isSocket() || Date.now() - socket.mtimeMs < YOUNGEST_DEAD_MS) return;
  if (await hasListener(socketPath)) return;
  await unlink(socketPath);
  // Fails if a file was added meanwhile.
  await rmdir(directory);
}

const hasListener = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      resolve(systemCode(error) !== 'ECONNREFUSED');
    });
  });
