import { constants } from 'node:fs';
import { access, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { badFile, syncDirectory, systemCode } from '../../lambdas/adapters/local/private-file';
import { KeywardError } from '../../lambdas/core/errors/errors';

const OWNER_ONLY = 0o700;
const GROUP_OR_OTHERS = 0o077;

/**
 * Creates the data directory with mode 0700 if it does not exist, or checks that it is a directory that only its owner can use.
 * The names of created directories are then durable.
 *
 * @returns whether it is empty
 * @throws KeywardError `configuration_invalid`, one sentence with the path; nothing is changed
 */
export async function prepareDataDirectory(path: string): Promise<{ readonly isEmpty: boolean }> {
  try {
    const first = await mkdir(path, { recursive: true, mode: OWNER_ONLY });
    if (first !== undefined) await syncNames(first, path);
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & GROUP_OR_OTHERS) !== 0) {
      throw badFile(path, 'is open to other users; set its mode to 0700');
    }
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return { isEmpty: (await readdir(path)).length === 0 };
  } catch (error) {
    if (error instanceof KeywardError) throw error;
    switch (systemCode(error)) {
      case 'EEXIST':
      case 'ENOTDIR':
        throw badFile(path, 'is not a directory');
      default:
        throw badFile(path, `cannot be used as the data directory (${systemCode(error)})`);
    }
  }
}

/** Syncs the parents of the created directories, first to last: each name is stored in the directory above. */
async function syncNames(first: string, last: string): Promise<void> {
  for (let made = last; ; made = dirname(made)) {
    await syncDirectory(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}
