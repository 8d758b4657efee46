import { rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VERSION_FILE } from '../local-names';
import {
  badFile,
  createPrivateFile,
  readPrivateFile,
  syncDirectory,
  systemCode,
} from '../../lambdas/adapters/local/private-file';
import { newId, type Randomness } from '../../lambdas/core/crypto/randomness';

/**
 * Of the data directory. Raised with every change that an older program must not meet: 3 has previous values, which an older one would
 * neither move in a rotation nor count; 4 has the audit journal, beside which an older one would write events that nobody reads.
 */
const DATA_VERSION = 4;
/** From this version on there is a directory for the journal. */
export const JOURNAL_VERSION = 4;
/** Of directories from before there was a mark. */
export const UNMARKED_VERSION = 1;

/**
 * Reads which version a data directory is of, and refuses one of a newer program. Changes nothing.
 *
 * @returns 1 also where nothing is marked yet
 * @throws KeywardError `configuration_invalid`, one sentence
 */
export async function readDataVersion(home: string): Promise<number> {
  const path = join(home, VERSION_FILE);
  const text = await readPrivateFile(path);
  if (text === undefined) return UNMARKED_VERSION;
  if (!/^[1-9][0-9]{0,8}\n?$/.test(text)) throw badFile(path, 'is damaged: it must be a version number');
  const version = Number(text);
  if (version > DATA_VERSION) {
    throw badFile(
      home,
      `is of a newer Keyward (version ${version} of the data directory, where this one knows ${DATA_VERSION}); start that one`,
    );
  }
  return version;
}

/**
 * Marks the directory as one that this program has written to, durably.
 *
 * @throws KeywardError `configuration_invalid` if it cannot be written, or see {@link readDataVersion}
 */
export async function markDataVersion(home: string, randomness: Randomness): Promise<void> {
  if ((await readDataVersion(home)) === DATA_VERSION) return;
  const path = join(home, VERSION_FILE);
  const temporary = `${path}.${newId(randomness)}`;
  await createPrivateFile(temporary, `${DATA_VERSION}\n`, randomness);
  try {
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (thrown) {
    await unlink(temporary).catch(() => undefined);
    throw badFile(path, `cannot be written (${systemCode(thrown)})`);
  }
}
