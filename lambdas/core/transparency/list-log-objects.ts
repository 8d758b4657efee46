import type { AuditTrail } from '../audit/audit-trail';
import { recordedRead } from '../audit/recorded-read';
import { MAX_LOG_PATHS_PAGE } from '../contract/limits';
import { canonicalJson } from '../crypto/canonical-json';
import type { Caller } from '../ports/caller';
import { logOf } from './log-of';
import { isLogPath } from './log-path';
import type { Logs } from './ports/published-log';
import { NO_EVENTS } from './read-log-object';

/** A page of the paths below a prefix, in the order of their bytes. */
export interface LogPaths {
  readonly region: string;
  readonly prefix: string;
  readonly paths: readonly string[];
  /** The path after which the next page begins; left out: there are no more. */
  readonly next?: string;
}

/**
 * Returns a page of the paths below a prefix.
 *
 * @param asked its prefix is one of the layout (`isLogPrefix`), `after` a path below it; its region is by default that of this
 *   process
 * @throws KeywardError `log_not_found`, `store_unavailable`, `audit_unavailable`
 */
export const createListLogObjects =
  ({ logs, trail, region: here }: { readonly logs: Logs; readonly trail: AuditTrail; readonly region: string }) =>
  (
    caller: Caller,
    {
      region = here,
      prefix,
      after = '',
    }: { readonly region?: string; readonly prefix: string; readonly after?: string },
  ): Promise<LogPaths> =>
    recordedRead(
      trail,
      caller,
      { operation: 'list_log', filters: canonicalJson({ prefix, region, ...(after !== '' && { after }) }) },
      {
        read: async () => {
          const paths = await logOf(logs, region).page(prefix, after, MAX_LOG_PATHS_PAGE);
          if (paths.length < MAX_LOG_PATHS_PAGE) return { region, prefix, paths };
          // No page begins after a name that somebody else put there.
          const last = paths.findLastIndex(isLogPath);
          const shown = last < 0 ? paths : paths.slice(0, last + 1);
          return { region, prefix, paths: shown, next: shown.at(-1) as string };
        },
        count: () => NO_EVENTS,
      },
    );

export type ListLogObjects = ReturnType<typeof createListLogObjects>;
