import type { Randomness } from '../crypto/randomness';
import type { Caller } from '../ports/caller';
import { systemCaller } from '../ports/system-caller';
import { canBeNamed } from './credential';
import { withPrevious } from './held-values';
import { isExpired } from './previous-value';
import type { CredentialScanner } from './ports/credential-scanner';
import { newPageIds, writePage, type WritePageDependencies } from './write-page';

export interface ExpirePreviousDependencies extends WritePageDependencies {
  readonly scanner: CredentialScanner;
  readonly randomness: Randomness;
  readonly previousValueDays: number;
  /** Number of rows that are read and recorded together. */
  readonly page: number;
}

/** A shard of a provider, and the last name in it that was processed. */
interface ExpiryPlace {
  readonly provider: string;
  readonly shard: number;
  readonly after?: string | undefined;
}

const EXPIRER: Caller = systemCaller('keyward:expiry', 'expiry');

/**
 * Erases the expired previous values of one shard. The revision stays, because expired values are no longer shown. A previous
 * value that was written after the read stays.
 *
 * @param deadline when to stop between two pages, in milliseconds since 1970
 * @returns where to continue; undefined at the shard's end
 * @throws KeywardError `store_unavailable`, `audit_unavailable`: try again later
 */
export type ExpirePrevious = (place: ExpiryPlace, deadline: number) => Promise<ExpiryPlace | undefined>;

export const createExpirePrevious =
  (deps: ExpirePreviousDependencies): ExpirePrevious =>
  async ({ provider, shard, after: start }, deadline) => {
    let after = start;
    do {
      const page = await deps.scanner.page(provider, shard, {
        ...(after !== undefined && { after }),
        limit: deps.page,
      });
      const now = deps.clock.now();
      // A row that cannot be overwritten stays, and does not hold up the others.
      const due = page.rows.filter(
        (row) => row.previous !== undefined && isExpired(row.previous, deps.previousValueDays, now) && canBeNamed(row),
      );
      const ids = newPageIds(deps.randomness);
      const replacements = due.map((before, index) => ({
        before,
        after: { ...withPrevious(before, undefined), write_id: ids.row(index) },
      }));
      const metadata = {
        operation: 'expire_previous_values',
        write_id: ids.page,
        shard,
        previous_value: 'expired',
      } as const;
      await writePage(
        deps,
        EXPIRER,
        { event_type: 'config_change', provider, metadata },
        { readAt: now, replacements },
      );
      after = page.next;
    } while (after !== undefined && deps.clock.now() < deadline);
    return after === undefined ? undefined : { provider, shard, after };
  };
