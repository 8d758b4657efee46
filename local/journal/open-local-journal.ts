import { badFile } from '../../lambdas/adapters/local/private-file';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import { storageFailureOf } from '../database/storage-failure';
import { openAuditJournal, type AuditJournal } from './audit-journal';
import { openDiskJournalFiles } from './disk-journal-files';
import { finishExpiry } from './expire-segments';
import { readExpired } from './expired-mark';
import type { JournalFiles } from './journal-files';

export interface OpenLocalJournalOptions {
  /** The journal's directory; its parent exists, and this process owns it. */
  readonly directory: string;
  /** Left out: the file system of this machine. */
  readonly openFiles?: (directory: string) => Promise<JournalFiles>;
  /** Time after which a request whose audit event is not durable is answered with 503, in milliseconds. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** See `AuditJournalOptions`. */
  readonly onFailure: (name: string | undefined) => void;
}

const SET_ASIDE =
  'the end of a segment of the audit journal was never answered, and is set aside: it was taken out of the segment and kept under audit/set-aside';

/**
 * Opens the audit journal of a data directory for writing, logs what was set aside, and completes an interrupted expiry.
 *
 * @throws KeywardError `configuration_invalid`, one sentence, if it cannot be used
 */
export async function openLocalJournal(
  options: OpenLocalJournalOptions,
): Promise<{ readonly journal: AuditJournal; readonly files: JournalFiles }> {
  const { directory, openFiles = openDiskJournalFiles, logger, ...rest } = options;
  try {
    const files = await openFiles(directory);
    await finishExpiry(files);
    const chainBefore = (await readExpired(files))?.previous;
    const journal = await openAuditJournal({
      ...rest,
      files,
      ...(chainBefore !== undefined && { chainBefore }),
      onSetAside: (aside) => {
        logger.warn(SET_ASIDE, aside);
      },
    });
    return { journal, files };
  } catch (thrown) {
    throw badFile(directory, `cannot be used for the audit journal (${storageFailureOf(thrown)})`);
  }
}
