import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { badFile } from '../../lambdas/adapters/local/private-file';
import type { LocalKekSource } from '../../lambdas/core/contract/environment';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import { prepareDataDirectory } from './data-directory';
import { markDataVersion, readDataVersion, UNMARKED_VERSION } from './data-version';
import { openFirstStart, type FirstStart } from './first-start';
import { makeAuditDirectory } from './make-audit-directory';
import { keepLogsAside, removeKeptLogs } from '../database/kept-logs';
import { LOCK_FILE, OWNER_DIRECTORY, ownDataDirectory } from './own-data-directory';
import { processWithOpenFile } from './process-with-open-file';

/** A data directory that this process owns, ready for its database to be opened. */
export interface OpenDataDirectory {
  readonly firstStart: FirstStart;
  /** @param isClean whether everything in it was closed properly */
  close(isClean: boolean): Promise<void>;
  /** Releases it after a failed start: signs of an earlier crash stay for the next start. */
  abandon(isClean: boolean): Promise<void>;
}

interface Context {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

export interface OpenDataDirectoryOptions extends Context {
  /** Location of the directory's KEK. */
  readonly kekSource: LocalKekSource;
  /** The old location, while the KEK is being moved. */
  readonly movingFrom?: LocalKekSource | undefined;
}

/**
 * Takes ownership of a data directory and prepares it for its database. A newer program's directory is refused unchanged.
 *
 * @param home created if it does not exist
 * @param database the directory of the database in it
 * @throws KeywardError `configuration_invalid`, one sentence
 */
export async function openDataDirectory(
  home: string,
  database: string,
  deps: OpenDataDirectoryOptions,
): Promise<OpenDataDirectory> {
  await readDataVersion(home);
  await prepareDataDirectory(home);
  const ownership = await ownDataDirectory(home, deps);
  // Programs before data versions left no sign of how they ended.
  let endedCleanly = false;
  let firstStart: FirstStart;
  try {
    const version = await readDataVersion(home);
    const isUnmarked = version === UNMARKED_VERSION;
    if (isUnmarked) await throwIfStillOpen(home, database);
    endedCleanly = ownership.endedCleanly && !isUnmarked;
    firstStart = await openFirstStart(home, deps.randomness, deps.kekSource, deps.movingFrom);
    await makeAuditDirectory(home, version, deps.logger);
    await markDataVersion(home, deps.randomness);
    const logs = await keepLogsAside(home, database, { endedCleanly, clock: deps.clock });
    if (logs.isDamaged) deps.logger.warn(DAMAGED);
    else if (logs.directory !== undefined) deps.logger.info(UNCLEAN);
  } catch (thrown) {
    await ownership.release(endedCleanly);
    throw thrown;
  }
  return {
    firstStart,
    close: async (isClean) => {
      if (isClean) await removeKeptLogs(home);
      await ownership.release(isClean);
    },
    abandon: (isClean) => ownership.release(isClean && endedCleanly),
  };
}

/** Programs before data versions released their lock at every start that made a keyset (closing any descriptor of it does). */
async function throwIfStillOpen(home: string, database: string): Promise<void> {
  const pid = await processWithOpenFile(join(database, LOCK_FILE));
  if (pid !== undefined) {
    throw badFile(
      home,
      `is in use by another running Keyward of an older version (process ${pid}); stop that one first`,
    );
  }
}

const DAMAGED =
  'the log of the database is damaged, and stored data may be missing; ' +
  'the log is kept aside in the data directory, under dynamodb-logs-…-damaged: check the disk, and restore a backup if data is missing';
const UNCLEAN =
  'the last process did not stop cleanly; the logs of the database are kept in the data directory, under dynamodb-logs-…, until the next clean stop';

/**
 * Throws the error of a data directory in use if it is in use; creates nothing. For a start that fails anyway with a less
 * specific reason.
 */
export async function throwIfInUse(home: string, deps: Context): Promise<void> {
  if ((await stat(join(home, OWNER_DIRECTORY)).catch(() => undefined)) === undefined) return;
  const ownership = await ownDataDirectory(home, deps);
  await ownership.release(ownership.endedCleanly);
}
