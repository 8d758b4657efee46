import type { AuditEntry, AuditTrail } from '../audit/audit-trail';
import { KeywardError } from '../errors/errors';
import { newId, type Randomness } from '../crypto/randomness';
import type { Caller } from '../ports/caller';
import type { Clock } from '../ports/clock';
import { runBatch } from '../ports/run-batch';
import { isFresh } from './change-credential';
import type { StoredRow } from './credential';
import type { CredentialStore } from './ports/credential-store';

/** One row as it was read, and its replacement. */
export interface Replacement {
  readonly before: StoredRow;
  readonly after: StoredRow & { readonly write_id: string };
}

/** Hexadecimal digits of a page's `write_id`; four more digits number its rows. */
const PAGE_ID_DIGITS = 28;

/** Makes the `write_id` of a page, and those of its rows, which begin with it. */
export function newPageIds(randomness: Randomness): { readonly page: string; readonly row: (index: number) => string } {
  const page = newId(randomness).slice(0, PAGE_ID_DIGITS);
  return { page, row: (index) => page + index.toString(16).padStart(32 - PAGE_ID_DIGITS, '0') };
}

export interface WritePageDependencies {
  /** At home. */
  readonly credentials: CredentialStore;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  /** Concurrent writes, limited so that callers who share the store or the process keep their latency. */
  readonly concurrency: number;
}

/**
 * Writes the rows of one page that Keyward itself changes, each on condition that it is still the write that was read: a caller's
 * change in between wins. One intent and one outcome record the page by its first and last name, because no key is shown to
 * anybody and there may be millions of rows.
 *
 * @param readAt when the keys that sealed the rows were read, in milliseconds since 1970
 * @returns the rows that were written; each of the others was changed in between
 * @throws KeywardError `store_unavailable` if a row may or may not have been written; `audit_unavailable`
 */
export async function writePage(
  deps: WritePageDependencies,
  caller: Caller,
  entry: Omit<AuditEntry, 'metadata'> & { readonly metadata: AuditEntry['metadata'] & { readonly write_id: string } },
  { readAt, replacements }: { readonly readAt: number; readonly replacements: readonly Replacement[] },
): Promise<readonly Replacement[]> {
  const [first, last] = [replacements[0], replacements.at(-1)];
  if (first === undefined || last === undefined) return [];
  const named = {
    ...entry,
    metadata: {
      ...entry.metadata,
      credentials: replacements.length,
      first_credential: first.before.name,
      last_credential: last.before.name,
    },
  };
  await deps.trail.recordIntent(caller, named);
  const results = await runBatch(
    replacements,
    ({ before, after }) =>
      isFresh(readAt, deps.clock) ? deps.credentials.put(after, before) : Promise.resolve('refused' as const),
    deps.concurrency,
  );
  const written = replacements.filter((_, index) => isResult(results[index], 'written'));
  const refused = results.filter((result) => isResult(result, 'refused')).length;
  const isKnown = written.length + refused === results.length;
  const metadata = { ...named.metadata, moved: written.length, skipped: refused };
  await deps.trail.recordOutcome(caller, { ...named, metadata }, isKnown ? 'written' : 'unknown');
  // Throws, so that the page is retried later: the store has trouble.
  if (!isKnown) throw new KeywardError('store_unavailable', 'a page of credentials may not have been written');
  return written;
}

const isResult = (
  result: Awaited<ReturnType<typeof runBatch<Replacement, string>>>[number] | undefined,
  value: string,
): boolean => result?.ok === true && result.value === value;
