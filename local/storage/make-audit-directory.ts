import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { badFile, syncDirectory, systemCode } from '../../lambdas/adapters/local/private-file';
import type { Logger } from '../../lambdas/core/ports/logger';
import { AUDIT_DIRECTORY } from '../local-names';
import { JOURNAL_VERSION } from './data-version';

const LOST =
  'the audit journal (audit/) is missing in the data directory, and a new one is begun: the events of before are lost, unless it is put back while the server is stopped';

/**
 * Creates the directory of the audit journal, durably. Must be called before the data directory is marked with its version: a
 * directory of this version without it has lost it.
 *
 * @param version present version of the data directory
 * @throws KeywardError `configuration_invalid`
 */
export async function makeAuditDirectory(home: string, version: number, logger: Logger): Promise<void> {
  const path = join(home, AUDIT_DIRECTORY);
  try {
    await mkdir(path, { mode: 0o700 });
    await syncDirectory(home);
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST') return;
    throw badFile(path, `cannot be made (${systemCode(thrown)})`);
  }
  if (version >= JOURNAL_VERSION) logger.error(LOST);
}
