import type { LogDisk } from '../../lambdas/adapters/local/log/log-disk';
import { archivePath } from '../../lambdas/core/transparency/archive-path';
import type { ArchiveSource } from '../../lambdas/core/transparency/ports/archive-source';

export interface ReadableLog {
  readonly disk: Pick<LogDisk, 'names'>;
  readonly archive: Pick<ArchiveSource, 'hours' | 'objects'>;
}

const ARCHIVE = 'archive/';

/** Returns all paths below a prefix that ends with a slash, in the order of their bytes. */
export const listLog = (log: ReadableLog, prefix: string): Promise<readonly string[]> =>
  pageOfLog(log, prefix, '', Infinity);

/** Returns the first paths below a prefix after one, without looking at what comes later: the archive's names cost a hash each. */
export async function pageOfLog(
  log: ReadableLog,
  prefix: string,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const paths: string[] = [];
  const all = prefix.startsWith(ARCHIVE) ? archivePaths(log, prefix, after) : filesBelow(log, prefix, after);
  for await (const path of all) {
    if (paths.length >= limit) break;
    if (path > after && path.startsWith(prefix)) paths.push(path);
  }
  return paths;
}

async function* archivePaths({ archive }: ReadableLog, prefix: string, after: string): AsyncGenerator<string> {
  const [, only = ''] = prefix.split('/');
  const [, first = ''] = after.split('/');
  for (const hour of await archive.hours(only || first || undefined)) {
    if (only !== '' && hour !== only) return;
    yield* (await archive.objects(hour)).map(archivePath).sort();
  }
}

/** Directories sort with their slash, as their files do. */
function* filesBelow(log: ReadableLog, prefix: string, after: string): Generator<string> {
  for (const name of log.disk.names(prefix.slice(0, -1)).toSorted()) {
    const path = `${prefix}${name}`;
    if (!name.endsWith('/')) yield path;
    else if (path > after || after.startsWith(path)) yield* filesBelow(log, path, after);
  }
}
