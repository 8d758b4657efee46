import { dekVersion } from '../keysets/dek-keyset';
import { CALLERS_BUDGET_MS } from '../contract/protocol-times';
import { parseKeyset } from '../keysets/dek-keyset';
import { keysUnavailable, unknownVersion } from '../errors/errors';
import type { Caller } from '../ports/caller';
import type { AuditTrail } from './audit-trail';
import type { AuditPosition, AuditQuery, AuditReader } from './ports/audit-log';
import { recordedRead } from './recorded-read';
import { recordedQuery } from './recorded-query';
import type { Clock } from '../ports/clock';
import type { KeysetReader } from '../keysets/ports/keyset-store';

export interface VersionCallersDependencies {
  readonly keysets: KeysetReader;
  readonly audit: Pick<AuditReader, 'query'>;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** The callers that presented tokens of a version. `complete` is false if the log was longer than one call reads. */
export interface VersionCallersView {
  readonly provider: string;
  readonly version: number;
  readonly state: string;
  readonly grace_until: string | null;
  readonly from: string;
  readonly callers: readonly {
    readonly user_id: string;
    readonly uses: number;
    readonly last_used_at: string;
  }[];
  readonly complete: boolean;
}

const PAGE = 500;
const MOST_PAGES = 20;

/**
 * Lists the principals that present tokens of a version, from the audit log, those with most uses first: they have to rewrap
 * before its grace period ends. Begins at `from`, or when another version became the primary. The read is recorded.
 *
 * @throws KeywardError `invalid_request` for a version that does not exist; `keys_unavailable`, `store_unavailable`,
 *   `audit_unavailable`
 */
export const createListVersionCallers =
  (deps: VersionCallersDependencies) =>
  async (caller: Caller, asked: { provider: string; version: number; from?: string }): Promise<VersionCallersView> => {
    const { provider, version } = asked;
    const value = await deps.keysets.get(provider);
    if (value === undefined) throw keysUnavailable('keyset_missing');
    const record = parseKeyset(value, provider);
    const entry = dekVersion(record, version);
    if (entry === undefined) throw unknownVersion(record);
    const from = asked.from ?? entry.superseded_at ?? entry.created_at;
    const to = new Date(deps.clock.now()).toISOString();
    const query = { provider, key_version: version, from, to, limit: PAGE };
    const { callers, complete } = await recordedRead(
      deps.trail,
      caller,
      { operation: 'list_version_callers', ...recordedQuery(query) },
      { read: () => readCallers(deps, query), count: ({ events }) => events },
    );
    return { provider, version, state: entry.state, grace_until: entry.grace_until ?? null, from, callers, complete };
  };

/** Reads as many pages as one call may. @returns also the number of events that were read */
async function readCallers(
  deps: VersionCallersDependencies,
  query: AuditQuery,
): Promise<Pick<VersionCallersView, 'callers' | 'complete'> & { readonly events: number }> {
  const deadline = deps.clock.now() + CALLERS_BUDGET_MS;
  const uses = new Map<string, { uses: number; last_used_at: string }>();
  let before: AuditPosition | undefined;
  let pages = 0;
  let events = 0;
  do {
    const page = await deps.audit.query({ ...query, ...(before !== undefined && { before }) });
    for (const { user_id: user, timestamp, metadata } of page.events) {
      // Revealing a stored credential is a use too, but there is no token to rewrap.
      if (user === null || metadata.operation !== 'decrypt') continue;
      const known = uses.get(user);
      uses.set(user, { uses: (known?.uses ?? 0) + 1, last_used_at: known?.last_used_at ?? timestamp });
    }
    before = page.next;
    pages += 1;
    events += page.events.length;
  } while (before !== undefined && pages < MOST_PAGES && deps.clock.now() < deadline);
  return {
    callers: [...uses]
      .map(([user_id, use]) => ({ user_id, ...use }))
      .sort((a, b) => b.uses - a.uses || (a.user_id < b.user_id ? -1 : 1)),
    complete: before === undefined,
    events,
  };
}

export type ListVersionCallers = ReturnType<typeof createListVersionCallers>;
