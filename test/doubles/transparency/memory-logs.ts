import type { LogPublisher } from '../../../lambdas/core/transparency/ports/log-publisher';
import type { Logs, PublishedLog } from '../../../lambdas/core/transparency/ports/published-log';
import { publish, type PublishDependencies } from '../../../lambdas/core/transparency/publish';

/** What has one region's publisher with its stores, and the files that the publisher does not write. */
export interface MemoryLog {
  readonly publisher: PublishDependencies;
  /** Read before the store: `keys`, `checkpoint` and `state` are compared values, not objects of the store. */
  readonly read: (path: string) => Buffer | undefined;
}

/** The logs of publishers in memory, and what lets these run. */
export function memoryLogs(logs: Readonly<Record<string, MemoryLog>>): Logs & LogPublisher {
  return {
    regions: Object.keys(logs),
    of: (region) => {
      const log = logs[region];
      if (log === undefined) return undefined;
      const { store, archive } = log.publisher;
      const read: PublishedLog['files']['read'] = async (path) => {
        const [kind, hour = '', sha256 = ''] = path.split('/');
        if (kind === 'archive') return archive.read({ hour, sha256 });
        return log.read(path) ?? store.read(path);
      };
      return { region, archive, files: { read, list: (prefix) => store.list(prefix) } };
    },
    publish: (region) => publish((logs[region] as MemoryLog).publisher),
  };
}
