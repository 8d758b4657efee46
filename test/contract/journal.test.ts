import { MemoryJournalFiles } from '../doubles/memory-journal-files';
import { openJournal, readJournal } from '../unit/local/journal/open-journal';
import { auditSinkContract, type AuditSinkUnderTest } from './audit-log.contract';
import { newestFirst } from './audit-events';
import { keeps } from './contract';

/** The journal's writer, in a directory in memory, and a reader that takes whole groups up to the writer's position. */
async function open(): Promise<AuditSinkUnderTest & { close: () => Promise<void> }> {
  const files = new MemoryJournalFiles();
  const { journal, clock } = await openJournal(files);
  return {
    port: journal,
    reader: {
      query: async ({ provider, limit }) => {
        const { events } = await readJournal(files, journal.tell() ?? { segment: '', bytes: 0 });
        const asked = events.filter((event) => event.provider === provider);
        return { events: asked.sort(newestFirst).slice(0, limit) };
      },
    },
    faults: {
      loseWrites: () => undefined,
      writesFail: () => {
        files.probeFails = 'ENOSPC';
        files.failing = Array.from({ length: 5 }, () => ({ call: 'write', code: 'ENOSPC' }));
      },
    },
    close: async () => {
      const closed = journal.close();
      await new Promise(setImmediate);
      clock.wake();
      await closed;
    },
  };
}

keeps('openAuditJournal', auditSinkContract, open);
