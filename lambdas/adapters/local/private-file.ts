import { constants } from 'node:fs';
import { link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeywardError } from '../../core/errors/errors';
import { newId, type Randomness } from '../../core/crypto/randomness';

const MAX_FILE_BYTES = 1_048_576;
const OWNER_ONLY = 0o600;
const GROUP_OR_OTHERS = 0o077;
/**
 * Windows has no permission bits and does not open directories; there the permissions of the profile directory protect the file.
 */
const POSIX = process.platform !== 'win32';

/** The only error for an unfit file: one sentence with the path, never content of the file. */
export const badFile = (path: string, sentence: string): KeywardError =>
  new KeywardError('configuration_invalid', `${path} ${sentence}`);

/**
 * Reads a file that only its owner may read or write, as ssh does with a private key.
 *
 * @returns its text, or undefined if it does not exist
 * @throws KeywardError `configuration_invalid` if it cannot be read, is not a regular file, is larger than 1 MiB, is not UTF-8,
 *   or has a permission bit for group or others
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    // O_NONBLOCK: opening a pipe must not wait for its other end.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw badFile(path, `cannot be read (${systemCode(error)})`);
  }
  try {
    return await readChecked(file, path);
  } finally {
    await file.close();
  }
}

async function readChecked(file: FileHandle, path: string): Promise<string> {
  const stat = await file.stat();
  if (!stat.isFile()) throw badFile(path, 'is not a regular file');
  if (POSIX && (stat.mode & GROUP_OR_OTHERS) !== 0) {
    throw badFile(path, 'is open to other users; set its mode to 0600');
  }
  if (stat.size > MAX_FILE_BYTES) throw badFile(path, 'is larger than 1 MiB');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.readFile());
  } catch {
    throw badFile(path, 'cannot be read as UTF-8 text');
  }
}

/**
 * Creates a file of mode 0600 atomically and durably. Never replaces an existing file.
 *
 * @returns false if the file existed
 * @throws KeywardError `configuration_invalid` if it cannot be written
 */
export async function createPrivateFile(path: string, text: string, randomness: Randomness): Promise<boolean> {
  const temporary = `${path}.${newId(randomness)}.tmp`;
  try {
    try {
      await writeDurably(temporary, text);
      // Unlike rename, link fails if the name exists.
      await link(temporary, path);
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw badFile(path, `cannot be written (${systemCode(error)})`);
  }
}

/**
 * Writes a file of mode 0600 atomically and durably, and replaces an existing one.
 *
 * @throws KeywardError `configuration_invalid` if it cannot be written; an existing file is then as it was
 */
export async function replacePrivateFile(path: string, text: string, randomness: Randomness): Promise<void> {
  const temporary = `${path}.${newId(randomness)}`;
  await createPrivateFile(temporary, text, randomness);
  try {
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw badFile(path, `cannot be written (${systemCode(error)})`);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Resolves when the names in a directory are durable: syncing a file does not guarantee that of its name (fsync(2)). Throws the
 * system's errors.
 */
export async function syncDirectory(path: string): Promise<void> {
  if (!POSIX) return;
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The operating system's name of an error, such as EACCES, without its message. */
export function systemCode(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'unknown';
}
