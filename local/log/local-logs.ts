import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { OUTAGE_DETAILS } from '../../lambdas/core/contract/problems';
import type { EventLines } from '../../lambdas/core/transparency/ports/event-lines';
import type { Logs, PublishedLog } from '../../lambdas/core/transparency/ports/published-log';
import type { JournalView } from '../journal/journal-view';
import type { LogCalls } from './log-worker';

export interface LocalLogsOptions {
  readonly calls: Pick<LogCalls, 'read' | 'list' | 'page'>;
  /** What of the journal may be read now. */
  readonly view: () => JournalView;
  /** Days that an event is kept at least, here and in the archive, which is the journal. */
  readonly retentionDays: number;
}

export interface LocalEventLinesOptions {
  readonly calls: Pick<LogCalls, 'lineOf'>;
  readonly view: () => JournalView;
}

/** The one log of local mode. */
export function createLocalLogs(options: LocalLogsOptions): Logs {
  const log = createLocalLog(options);
  return {
    regions: [LOCAL_REGION],
    of: (region) => (region === LOCAL_REGION ? log : undefined),
    archiveDays: options.retentionDays,
    eventDays: options.retentionDays,
  };
}

/** The log in the data directory. Throws KeywardError `store_unavailable` if the disk does not answer. */
export function createLocalLog({ calls, view }: Omit<LocalLogsOptions, 'retentionDays'>): PublishedLog {
  const answer = answering(view);
  return {
    region: LOCAL_REGION,
    files: {
      read: (path) => answer((now) => calls.read(now, path)),
      list: (prefix) => answer((now) => calls.list(now, prefix)),
    },
    page: (prefix, after, limit) => answer((now) => calls.page(now, prefix, after, limit)),
  };
}

/** The lines of the journal. Throws KeywardError `store_unavailable` if the disk does not answer. */
export function createLocalEventLines({ calls, view }: LocalEventLinesOptions): EventLines {
  const answer = answering(view);
  return { lineOf: (place) => answer((now) => calls.lineOf(now, place)) };
}

const answering =
  (view: () => JournalView) =>
  async <T>(ask: (now: JournalView) => Promise<T>): Promise<T> => {
    try {
      return await ask(view());
    } catch {
      throw new KeywardError('store_unavailable', OUTAGE_DETAILS.noAnswerOf('the transparency log'));
    }
  };
