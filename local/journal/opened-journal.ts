import type { Finding } from '../storage/finding';
import { OpenedDirectory } from '../storage/opened-directory';
import type { AuditJournal } from './audit-journal';

const GONE: Finding = {
  message:
    'the audit journal that was opened (audit/), or the segment that is written, is no longer at its path in the data directory, and nothing is stored or answered: put it back where it was, or stop the server, restore the data directory from a backup, and start again',
  stops: 'storing',
};
const READ_ONLY: Finding = {
  message:
    'the audit journal in the data directory has turned read-only, and nothing more is sealed: mount it for writing, or set the mode of audit to 0700',
  stops: 'sealing',
};

/** The directory of a journal in use, compared with the directory at its path. */
export class OpenedJournal {
  private constructor(
    private readonly directory: OpenedDirectory,
    private readonly journal: Pick<AuditJournal, 'isInPlace'>,
  ) {}

  /** @throws KeywardError `configuration_invalid` if the directory does not exist */
  static async open(path: string, journal: Pick<AuditJournal, 'isInPlace'>): Promise<OpenedJournal> {
    return new OpenedJournal(await OpenedDirectory.open(path), journal);
  }

  /** Checks the directory. Never rejects. */
  async inspect(): Promise<readonly Finding[]> {
    const { isSame, isWritable } = await this.directory.look();
    if (!isSame || !this.journal.isInPlace()) return [GONE];
    return isWritable ? [] : [READ_ONLY];
  }

  close(): Promise<void> {
    return this.directory.close();
  }
}
