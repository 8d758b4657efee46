import { auditLog } from '../doubles/stores/audit-log';
import { MemoryAudit, TestClock } from '../doubles/memory-ports';
import { MemoryTable } from '../doubles/stores/memory-table';
import { WrittenJournal } from '../doubles/written-journal';
import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { createJournalReader } from '../../local/journal/journal-reader';
import { JournalSearches } from '../../local/journal/journal-searches';
import { auditReaderContract } from './audit-log.contract';
import { keeps } from './contract';
import { openIntentsContract } from './open-intents.contract';

/** The number of groups in a segment: a statement's events are in several segments. */
const GROUPS = 7;

function openReader() {
  const journal = new WrittenJournal();
  const clock = new TestClock();
  const marks = new MemoryAudit();
  const rivalMarks = auditLog(new MemoryTable(marks.table.rows), marks.used);
  const openWith = (its: Pick<MemoryAudit, 'wasUsed' | 'markUsed'>) =>
    createJournalReader({
      tell: () => journal.end,
      searches: new JournalSearches({ directory: journal.directory, clock, onDamage: () => undefined }),
      older: () => undefined,
      marks: its,
      clock,
    });
  let groups = 0;
  const sink = {
    append: async (event: AuditEvent) => {
      if (groups % GROUPS === 0) journal.next();
      groups += 1;
      journal.add([event]);
    },
  };
  return {
    port: openWith(marks),
    rival: openWith(rivalMarks),
    sink,
    clock,
    setTime: (now: number) => {
      clock.time = now;
    },
    faults: {
      loseWrites: (...lost: typeof marks.table.lostWrites) => {
        marks.table.lostWrites = [...lost];
      },
      readsFail: () => {
        journal.next();
        journal.lose();
      },
      writesFail: () => {
        marks.table.writesDown = true;
      },
    },
    close: () => {
      journal.remove();
    },
  };
}

keeps('createJournalReader', auditReaderContract, openReader);
keeps('createJournalReader', openIntentsContract, openReader);
