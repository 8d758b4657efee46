import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { AuditJournal } from './audit-journal';
import { createJournalReader, keepLooking, type JournalReader, type JournalReaderOptions } from './journal-reader';
import { SearchingThread } from './searching-thread';

export interface JournalReadingOptions {
  /** Directory of the journal. */
  readonly directory: string;
  readonly tell: AuditJournal['tell'];
  /** See {@link JournalReaderOptions}. */
  readonly older: JournalReaderOptions['older'];
  readonly marks: JournalReaderOptions['marks'];
  /** Throws if what is read may not be what was written; called before and after each search. */
  readonly assertStored: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const DAMAGED =
  'a segment of the audit journal is damaged, or something in it or before it is missing; what can be read of it is shown all the same: look after the disk, and restore the file from a backup';

/** Reads the journal of this process in a thread of its own, which `close` ends. */
export function openJournalReading(options: JournalReadingOptions): {
  readonly reader: JournalReader;
  readonly close: () => Promise<void>;
} {
  const { directory, assertStored, logger, ...rest } = options;
  const thread = new SearchingThread(directory, (segment, { offset, bytes }) => {
    logger.error(DAMAGED, { segment, offset, bytes });
  });
  const searches: JournalReaderOptions['searches'] = {
    search: async (view, search) => {
      assertStored();
      const answer = await thread.search(view, search);
      assertStored();
      return answer;
    },
  };
  const reading = { ...rest, searches };
  const stopLooking = keepLooking(reading);
  return {
    reader: createJournalReader(reading),
    close: async () => {
      stopLooking();
      await thread.close();
    },
  };
}
