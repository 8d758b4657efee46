import { KEYS_PATH } from '../../../lambdas/core/transparency/log-keys';
import { archivePath, parseArchivePath } from '../../../lambdas/core/transparency/archive-path';
import { pageOfList } from '../../../lambdas/core/transparency/page-of-list';
import type { LogFiles } from '../../../lambdas/core/transparency/ports/log-files';
import type { LogPublisher } from '../../../lambdas/core/transparency/ports/log-publisher';
import type { Logs } from '../../../lambdas/core/transparency/ports/published-log';
import { publish, type PublishDependencies } from '../../../lambdas/core/transparency/publish';

/** One region's publisher with its stores, and the files that its store does not have. */
export interface MemoryLog {
  readonly publisher: PublishDependencies;
  /** `keys`, `checkpoint` and `state` are compared values, not objects of the store. */
  readonly read: (path: string) => Buffer | undefined;
}

/** What a region's log has stored. */
export function memoryLogFiles({ publisher: { store, archive }, read }: MemoryLog): LogFiles {
  return {
    read: async (path) => {
      if (path === KEYS_PATH) return read(path);
      const object = parseArchivePath(path);
      return object === undefined ? (read(path) ?? store.read(path)) : archive.read(object);
    },
    list: async (prefix) => {
      if (!prefix.startsWith('archive/')) return store.list(prefix);
      const hours = await archive.hours(undefined);
      const objects = await Promise.all(hours.map((hour) => archive.objects(hour)));
      return objects
        .flat()
        .map(archivePath)
        .filter((path) => path.startsWith(prefix));
    },
  };
}

/** The logs of publishers in memory, and what lets these run. */
export const memoryLogs = (logs: Readonly<Record<string, MemoryLog>>): Logs & LogPublisher => ({
  regions: Object.keys(logs),
  archiveDays: 400,
  eventDays: 90,
  of: (region) => {
    if (!Object.hasOwn(logs, region)) return undefined;
    const files = memoryLogFiles(logs[region] as MemoryLog);
    return { region, files, page: pageOfList(files) };
  },
  publish: (region) => publish((logs[region] as MemoryLog).publisher),
});
