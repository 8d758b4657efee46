import type { LogFiles } from './ports/log-files';
import type { PublishedLog } from './ports/published-log';

/** The pages of files whose lists are short: each page lists all. */
export const pageOfList =
  (files: Pick<LogFiles, 'list'>): PublishedLog['page'] =>
  async (prefix, after, limit) =>
    (await files.list(prefix))
      .filter((path) => path > after)
      .toSorted()
      .slice(0, limit);
