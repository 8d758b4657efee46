import { copyFile, link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { badFile, syncDirectory, systemCode } from '../../lambdas/adapters/local/private-file';
import type { Clock } from '../../lambdas/core/ports/clock';
import { inspectLog } from './log-damage';

export interface KeptLogs {
  /** Their present directory; undefined if there was nothing to keep. */
  readonly directory: string | undefined;
  /** Whether answered writes may be missing: a log is damaged in its middle. */
  readonly isDamaged: boolean;
}

const PREFIX = 'dynamodb-logs-';
/** Suffix after the time in the name. A clean end does not remove these. */
const DAMAGED = '-damaged';
const LOG = /^\d+\.log$/;
const WORTH_KEEPING = /^(\d+\.log|MANIFEST-\d+|CURRENT)$/;
/** Maximum of each kind. A log has about a megabyte. */
const MAX_KEPT = 10;

/**
 * Keeps a database's logs aside before it is opened, if the previous process did not end cleanly or a log is damaged: opening
 * deletes the logs after reading what can be read from them. The copies are hard links, which cost nothing until LevelDB deletes
 * its own.
 *
 * Of more than ten, the oldest, which predates the first fault, and the nine newest are kept.
 *
 * @param home the data directory, owned by this process
 * @param database the database's directory, not open; it need not exist
 * @throws KeywardError `configuration_invalid` if they cannot be kept
 */
export async function keepLogsAside(
  home: string,
  database: string,
  { endedCleanly, clock }: { endedCleanly: boolean; clock: Clock },
): Promise<KeptLogs> {
  try {
    const names = await readdir(database).catch(() => []);
    const states = await Promise.all(
      names.filter((name) => LOG.test(name)).map(async (name) => inspectLog(await readFile(join(database, name)))),
    );
    // After a clean end nothing is cut off.
    const isDamaged = states.some((state) => state === 'damaged' || (endedCleanly && state === 'cut-off'));
    if (states.length === 0 || (endedCleanly && !isDamaged)) return { directory: undefined, isDamaged };
    const time = new Date(clock.now()).toISOString().replaceAll(/[-:.]/g, '');
    const directory = join(home, `${PREFIX}${time}${isDamaged ? DAMAGED : ''}`);
    await mkdir(directory, { mode: 0o700 });
    for (const name of names.filter((name) => WORTH_KEEPING.test(name))) {
      await linkOrCopy(join(database, name), join(directory, name));
    }
    await syncDirectory(directory);
    await removeSurplus(home);
    return { directory, isDamaged };
  } catch (thrown) {
    throw badFile(database, `has logs that cannot be kept aside before it is opened (${systemCode(thrown)})`);
  }
}

/** Removes, at a clean end, the logs that were kept aside because the process before did not end cleanly: they are no longer needed. */
export async function removeKeptLogs(home: string): Promise<void> {
  for (const name of await keptIn(home)) {
    if (!name.endsWith(DAMAGED)) await rm(join(home, name), { recursive: true, force: true });
  }
  await syncDirectory(home);
}

async function removeSurplus(home: string): Promise<void> {
  const kept = await keptIn(home);
  for (const isDamaged of [true, false]) {
    const ofKind = kept.filter((name) => name.endsWith(DAMAGED) === isDamaged);
    for (const name of ofKind.slice(1, 1 - MAX_KEPT)) await rm(join(home, name), { recursive: true, force: true });
  }
  await syncDirectory(home);
}

/** Returns the oldest first: the names sort by time. */
const keptIn = async (home: string): Promise<string[]> =>
  (await readdir(home)).filter((name) => name.startsWith(PREFIX)).sort();

/** Some file systems have no links. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to);
    const copy = await open(to, 'r+');
    await copy.sync().finally(() => copy.close());
  }
}
