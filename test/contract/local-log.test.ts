import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openLogDisk } from '../../lambdas/adapters/local/log/open-log-disk';
import { createSystemRandomness } from '../../lambdas/adapters/system/system-randomness';
import { systemClock } from '../../lambdas/adapters/system/system-clock';
import { archivePath } from '../../lambdas/core/transparency/archive-path';
import type { ArchiveObject } from '../../lambdas/core/transparency/ports/archive-source';
import { SegmentBytes } from '../../local/journal/segment-bytes';
import { createJournalArchive } from '../../local/log/journal-archive';
import { createLocalEventLines, createLocalLog, createLocalLogs } from '../../local/log/local-logs';
import { LogPublishing } from '../../local/log/log-publishing';
import { LogWork } from '../../local/log/log-work';
import { OlderLines } from '../../local/log/older-lines';
import { SegmentRuns } from '../../local/log/segment-runs';
import { RecordingLogger } from '../doubles/recording-logger';
import { WrittenJournal } from '../doubles/written-journal';
import { formatEventLine } from '../../lambdas/core/audit/event-line';
import { auditEvent, recordOf } from './audit-events';
import { keeps } from './contract';
import { logPublisherContract, publishedLogContract } from './published-log.contract';
import { eventLinesContract, logsContract } from './published-logs.contract';
import { archiveSourceContract } from './transparency-log.contract';

/** The log of local mode. Its segments' lines are events, as test/unit/local/log shows; these statements' are in files of lines. */

function aLog() {
  const journal = new WrittenJournal();
  const log = mkdtempSync(join(tmpdir(), 'keyward-log-'));
  const view = () => ({ end: journal.end, hasTakenOver: true });
  const randomness = createSystemRandomness();
  const rest = () => Promise.resolve();
  const runs = new SegmentRuns(new SegmentBytes(journal.directory), rest);
  const put = async (path: string, bytes: Buffer): Promise<void> => {
    mkdirSync(join(log, path, '..'), { recursive: true });
    writeFileSync(join(log, path), bytes);
  };
  return {
    journal,
    log,
    view,
    put,
    older: new OlderLines({ disk: openLogDisk(log), runs, randomness }),
    runs,
    work: new LogWork({
      journal: journal.directory,
      log,
      openDisk: openLogDisk,
      origin: 'log.example/keyward/local/us-east-1',
      clock: systemClock,
      randomness,
      rest,
    }),
    archive: async (hour: string, bytes: Buffer): Promise<ArchiveObject> => {
      const object = { hour, sha256: hash('sha256', bytes, 'hex') };
      await put(`${archivePath(object)}.gz`, gzipSync(bytes));
      return object;
    },
    close: () => {
      rmSync(log, { recursive: true });
      journal.remove();
    },
  };
}

keeps('createJournalArchive', archiveSourceContract, () => {
  const { log, runs, older, view, archive, close } = aLog();
  return {
    port: createJournalArchive({ names: () => [], view, runs, older }),
    archive,
    remove: async (object) => {
      rmSync(join(log, `${archivePath(object)}.gz`));
    },
    close,
  };
});

keeps('createLocalLog', publishedLogContract, () => {
  const { work, view, put, archive, close } = aLog();
  return {
    port: createLocalLog({ calls: work, view }),
    put,
    archive: async (hour, lines) => archivePath(await archive(hour, lines)),
    close,
  };
});

keeps('createLocalLogs', logsContract, () => {
  const { work, view, close } = aLog();
  return { port: createLocalLogs({ calls: work, view, retentionDays: 400 }), close };
});

keeps('createLocalEventLines', eventLinesContract, () => {
  const { journal, work, view, close } = aLog();
  return {
    port: createLocalEventLines({ calls: work, view }),
    stored: async () => {
      const record = recordOf(auditEvent());
      const line = formatEventLine(record);
      journal.addLines([formatEventLine(recordOf(auditEvent())), line]);
      return Promise.resolve({ ...record, line });
    },
    close,
  };
});

keeps('LogPublishing', logPublisherContract, () => {
  const { journal, work, view, put, close } = aLog();
  const port = new LogPublishing({
    calls: work,
    view,
    assertStored: () => undefined,
    clock: systemClock,
    logger: new RecordingLogger(),
    metrics: { count: () => undefined },
  });
  return {
    port,
    waiting: async (count) => {
      journal.addLines(Array.from({ length: count }, () => formatEventLine(recordOf(auditEvent()))));
    },
    edit: () => put('checkpoint', Buffer.from('no checkpoint')),
    close: () => {
      port.close();
      close();
    },
  };
});
