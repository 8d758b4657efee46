import type { Clock } from '../ports/clock';
import {
  credentialDamaged,
  isDamaged,
  shownHint,
  type CredentialMetadata,
  type CredentialRecord,
  type CredentialTombstone,
  type DamagedCredential,
  type PreviousPlace,
  type StoredCredential,
  type StoredRow,
} from './credential';
import { KeywardError } from '../errors/errors';
import type { CredentialReader, CredentialStore, ListedCredential } from './ports/credential-store';
import type { Precondition } from '../ports/precondition';
import { expiryOf, shownPrevious } from './previous-value';
import { credentialNotFound } from './recorded-name';

/** What the API shows of a stored credential: everything but the key. */
export interface CredentialView {
  readonly provider: string;
  readonly name: string;
  readonly hint: string;
  readonly key_version: number;
  readonly revision: number;
  readonly metadata: CredentialMetadata;
  readonly created_at: string;
  readonly updated_at: string;
  /** Present if the previous value can be restored. */
  readonly previous?: PreviousMark;
}

/** Which previous value is kept, and for how long. Times are ISO 8601 in UTC. */
export interface PreviousMark extends PreviousPlace {
  readonly expires_at: string;
}

/** What tells whether a previous value is still kept. */
export interface PreviousKeeping {
  readonly clock: Clock;
  readonly previousValueDays: number;
}

/** Readers of credentials: in this region, and at home where they are written. */
export interface CredentialSources {
  readonly local: CredentialReader;
  readonly home: CredentialStore;
}

/** The view of a stored credential, without opening it. */
export function viewOf(listed: ListedCredential | CredentialRecord, deps: PreviousKeeping): CredentialView {
  const { provider, name, key_version, revision, metadata, created_at, updated_at } = listed;
  const previous = shownPrevious(listed, deps.previousValueDays, deps.clock.now());
  return {
    provider,
    name,
    hint: shownHint(listed.hint),
    key_version,
    revision,
    metadata,
    created_at,
    updated_at,
    ...(previous !== undefined && { previous: markOf(previous, deps) }),
  };
}

export const markOf = (previous: PreviousPlace, deps: PreviousKeeping): PreviousMark => ({
  revision: previous.revision,
  replaced_at: previous.replaced_at,
  expires_at: expiryOf(previous, deps.previousValueDays),
});

/** A stored row that can be replaced, because at least its revision is known. */
export type ReplaceableCredential = StoredCredential | (DamagedCredential & { readonly revision: number });

/** The live credential, damaged or not; undefined if it was deleted or never existed. */
export const liveOf = <T extends StoredRow>(stored: T | undefined): Exclude<T, CredentialTombstone> | undefined =>
  stored === undefined || 'deleted_at' in stored ? undefined : (stored as Exclude<T, CredentialTombstone>);

/** Reads the live credential.
 *
 * @param consistent true reads at home
 * @throws KeywardError `credential_not_found`, `credential_damaged`, `store_unavailable`
 */
export async function readLive(
  sources: CredentialSources,
  provider: string,
  name: string,
  consistent: boolean,
): Promise<CredentialRecord> {
  const reader = consistent ? sources.home : sources.local;
  const live = liveOf(await reader.get(provider, name, consistent));
  if (live === undefined) throw credentialNotFound(name);
  if (isDamaged(live)) throw credentialDamaged();
  return live;
}

export const STATE_DEMANDED = 'the precondition in If-Match or If-None-Match does not hold';

/**
 * Checks a caller's precondition against the current row.
 *
 * @throws KeywardError `precondition_failed`
 */
export function checkPrecondition(precondition: Precondition | undefined, live: Revised | undefined): void {
  if (precondition !== undefined && !holds(precondition, live)) {
    throw new KeywardError('precondition_failed', STATE_DEMANDED);
  }
}

interface Revised {
  readonly revision: number;
}

function holds(precondition: Precondition, live: Revised | undefined): boolean {
  if (precondition === 'absent') return live === undefined;
  if (precondition === 'exists') return live !== undefined;
  if ('one_of' in precondition) return live !== undefined && precondition.one_of.includes(live.revision);
  return live === undefined || !precondition.none_of.includes(live.revision);
}
