import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileComparedValue } from '../../lambdas/adapters/local/log/file-compared-value';
import { openLogKeyFiles } from '../../lambdas/adapters/local/log/log-key-files';
import { openLogDisk } from '../../lambdas/adapters/local/log/open-log-disk';
import { HOUR_MS } from '../../lambdas/core/contract/time-units';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { KEYS_PATH } from '../../lambdas/core/transparency/log-keys';
import { readPublished } from '../../lambdas/core/transparency/published-checkpoint';
import { openHeldState } from '../../lambdas/core/transparency/held-state';
import { storageFailureOf } from '../database/storage-failure';
import { AUDIT_DIRECTORY, LOG_DIRECTORY } from '../local-names';
import { assertNotLost, BEGUN_FILE } from './lost-log';

/** `none`: nothing was published yet; `late`: the last cosignature is older than a running server leaves it. */
export interface LogExamination {
  readonly state: 'none' | 'good' | 'late' | 'bad';
  /** One sentence, with what mends it. */
  readonly sentence: string;
}

/** The server cosigns every hour; one that has just been started may not have done so yet. */
const LATE_MS = 2 * HOUR_MS;

/**
 * Examines keys, state and checkpoint of a data directory's transparency log, as the publisher opens them. Writes nothing but
 * an empty directory where a log is lost.
 *
 * @param home the data directory; it may not exist
 * @param now in milliseconds
 */
export async function examineLog(home: string, now: number): Promise<LogExamination> {
  try {
    return await examine(home, now);
  } catch (thrown) {
    if (thrown instanceof KeywardError) return { state: 'bad', sentence: thrown.message };
    return { state: 'bad', sentence: `the transparency log cannot be read (${storageFailureOf(thrown)})` };
  }
}

const NONE: LogExamination = { state: 'none', sentence: 'no transparency log was published yet, which npm start does' };
const NO_NAMES = { log: '', cosigner: '' };
/** Keys are made by the publisher alone. */
const NO_RANDOMNESS = {
  publicBytes: (): never => {
    throw new Error('nothing is made');
  },
  secretBytes: (): never => {
    throw new Error('nothing is made');
  },
};

async function examine(home: string, now: number): Promise<LogExamination> {
  const [log, journal] = [join(home, LOG_DIRECTORY), join(home, AUDIT_DIRECTORY)];
  if (!existsSync(journal)) return NONE;
  if (!existsSync(log) && !existsSync(join(journal, BEGUN_FILE))) return NONE;
  assertNotLost({ log, journal, openDisk: openLogDisk });
  const disk = openLogDisk(log);
  if (['checkpoint', 'state', KEYS_PATH].every((name) => disk.read(name) === undefined)) return NONE;
  const signers = openLogKeyFiles({ disk, directory: log, names: NO_NAMES, randomness: NO_RANDOMNESS });
  const files = {
    read: (path: string) => Promise.resolve(disk.read(path)),
    list: (prefix: string) => Promise.resolve(disk.names(prefix.slice(0, -1)).map((name) => `${prefix}${name}`)),
  };
  const published = await readPublished(fileComparedValue(disk, 'checkpoint'), signers, files);
  const stored = disk.read('state');
  const state = stored && published.value && openHeldState(stored, published.value, signers);
  const fault = published.fault ?? state?.fault;
  if (fault !== undefined) {
    return {
      state: 'bad',
      sentence: `what is stored in ${log} is not what the publisher wrote (${fault}): keep a copy as it is, and restore the directory from a backup`,
    };
  }
  const { tree, cosignedAt } = published.value ?? { tree: { size: 0 }, cosignedAt: 0 };
  const hours = Math.floor((now - cosignedAt * 1000) / HOUR_MS);
  const said = `the transparency log has ${tree.size} events`;
  if (now - cosignedAt * 1000 <= LATE_MS) return { state: 'good', sentence: `${said}, its keys open it` };
  return { state: 'late', sentence: `${said}, and its last checkpoint was signed ${hours} hours ago` };
}
