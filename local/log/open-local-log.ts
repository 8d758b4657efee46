import { join } from 'node:path';
import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import { formatOrigin } from '../../lambdas/core/transparency/log-origin';
import type { LogPorts } from '../../lambdas/core/transparency/log-ports';
import { AUDIT_DIRECTORY, LOG_DIRECTORY } from '../local-names';
import { createLocalEventLines, createLocalLogs, type LocalLogsOptions } from './local-logs';
import { LogPublishing, type LogPublishingOptions } from './log-publishing';
import { LogWorker } from './log-worker';

/** A machine has no domain of its own; this name is nobody's (RFC 6761 section 6.3). Logs of two machines differ by their keys. */
const OWNER = 'localhost.localdomain';
const STAGE = 'local';

export interface OpenLocalLogOptions
  extends Omit<LogPublishingOptions, 'calls'>, Pick<LocalLogsOptions, 'retentionDays'> {
  /** The data directory. */
  readonly home: string;
}

/** The transparency log of a data directory: who publishes it, and who reads it, each in a thread of its own. */
export interface OpenedLocalLog {
  readonly publishing: LogPublishing;
  /** What the calls about the log need. */
  readonly ports: LogPorts;
  /** Ends both threads, wherever they are: the next start finishes what is not finished. */
  readonly close: () => Promise<void>;
}

/** Nothing is opened before the first call. */
export function openLocalLog({ home, retentionDays, ...options }: OpenLocalLogOptions): OpenedLocalLog {
  const input = {
    journal: join(home, AUDIT_DIRECTORY),
    log: join(home, LOG_DIRECTORY),
    origin: formatOrigin({ owner: OWNER, stage: STAGE, region: LOCAL_REGION }) ?? '',
  };
  const publisher = new LogWorker({ ...input, isPublisher: true });
  const reader = new LogWorker({ ...input, isPublisher: false });
  const publishing = new LogPublishing({ ...options, calls: publisher });
  return {
    publishing,
    ports: {
      logs: createLocalLogs({ calls: reader, view: options.view, retentionDays }),
      publisher: publishing,
      lines: createLocalEventLines({ calls: reader, view: options.view }),
    },
    close: async () => {
      await Promise.all([publisher.close(), reader.close()]);
    },
  };
}
