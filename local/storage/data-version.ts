import { join } from 'node:path';
import { VERSION_FILE } from '../local-names';
import { badFile, readPrivateFile, replacePrivateFile } from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';

/**
 * Version of the data directory. Raised with every change that an older program must not encounter: 3 has previous values, which
 * an older program would neither rekey nor count; 4 has the audit journal, beside which an older program would write events that
 * are not read.
 */
const DATA_VERSION = 4;
/** First version with a directory for the journal. */
export const JOURNAL_VERSION = 4;
/** Version of directories without a mark. */
export const UNMARKED_VERSION = 1;

/**
 * Reads the version of a data directory, and refuses a newer program's. Changes nothing.
 *
 * @returns 1 also if there is no mark
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
 * Marks the directory durably with this program's version.
 *
 * @throws KeywardError `configuration_invalid` if it cannot be written, or see {@link readDataVersion}
 */
export async function markDataVersion(home: string, randomness: Randomness): Promise<void> {
  if ((await readDataVersion(home)) === DATA_VERSION) return;
  await replacePrivateFile(join(home, VERSION_FILE), `${DATA_VERSION}\n`, randomness);
}
