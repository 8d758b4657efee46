import type { AuditTrail } from '../audit/audit-trail';
import { recordedRead } from '../audit/recorded-read';
import { MAX_LOG_PATHS_PAGE } from '../contract/limits';
import { canonicalJson } from '../crypto/canonical-json';
import type { Caller } from '../ports/caller';
import { logOf } from './log-of';
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
          const next = paths.length === MAX_LOG_PATHS_PAGE ? paths.at(-1) : undefined;
          return { region, prefix, paths, ...(next !== undefined && { next }) };
        },
        count: () => NO_EVENTS,
      },
    );

export type ListLogObjects = ReturnType<typeof createListLogObjects>;
