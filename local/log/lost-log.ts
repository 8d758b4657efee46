import { replaceDurably, type LogDisk } from '../../lambdas/adapters/local/log/log-disk';
import { badFile } from '../../lambdas/adapters/local/private-file';
import { KEYS_PATH } from '../../lambdas/core/transparency/log-keys';

/** Where a log and the journal beside it are. */
export interface LogPlace {
  /** Absolute paths. */
  readonly log: string;
  readonly journal: string;
  /** Opens a directory, and creates it if it does not exist. */
  readonly openDisk: (directory: string) => LogDisk;
}

/** Beside the segments once a log has published: a log that is gone then is lost, and is not begun anew. */
export const BEGUN_FILE = 'log-begun';

/** @throws KeywardError `configuration_invalid`, one sentence, if this data directory has published a log and has none */
export function assertNotLost({ log, journal, openDisk }: LogPlace): void {
  if (openDisk(journal).read(BEGUN_FILE) === undefined || openDisk(log).read(KEYS_PATH) !== undefined) return;
  throw badFile(
    log,
    `has lost the transparency log of this data directory, which only its own keys can continue: stop the server and restore the directory from a backup; or, to begin a new log that says nothing about earlier events, remove ${BEGUN_FILE} from ${journal}`,
  );
}

/** Notes durably that a log has published. Throws errors of the system. */
export function markBegun({ log, journal, openDisk }: LogPlace): void {
  const beside = openDisk(journal);
  const keys = openDisk(log).read(KEYS_PATH);
  if (keys !== undefined && beside.read(BEGUN_FILE) === undefined) replaceDurably(beside, BEGUN_FILE, keys);
}
