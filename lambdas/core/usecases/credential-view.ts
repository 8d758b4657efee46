import { isTombstone, type CredentialRecord, type StoredCredential } from '../domain/credential';
import { KeywardError } from '../domain/errors';
import type { CredentialReader, CredentialStore } from '../ports/credential-store';
import type { CredentialView, Precondition } from './application';

/** Where credentials are read: near, or at home where they are written. */
export interface CredentialSources {
  readonly local: CredentialReader;
  readonly home: CredentialStore;
}

/** What may be shown of a stored credential without opening it. */
export const viewOf = (record: CredentialRecord): CredentialView => ({
  provider: record.provider,
  name: record.name,
  hint: record.hint,
  key_version: record.key_version,
  revision: record.revision,
  metadata: record.metadata,
  created_at: record.created_at,
  updated_at: record.updated_at,
});

/** The live credential, or undefined where it was deleted or never there. */
export const liveOf = (stored: StoredCredential | undefined): CredentialRecord | undefined =>
  stored === undefined || isTombstone(stored) ? undefined : stored;

/**
 * The live credential.
 *
 * @param consistent true reads at home
 * @throws KeywardError `credential_not_found`, `store_unavailable`
 */
export async function readLive(
  sources: CredentialSources,
  provider: string,
  name: string,
  consistent: boolean,
): Promise<CredentialRecord> {
  const reader = consistent ? sources.home : sources.local;
  const live = liveOf(await reader.get(provider, name, consistent));
  if (live === undefined) throw credentialNotFound();
  return live;
}

export const credentialNotFound = (): KeywardError =>
  new KeywardError('credential_not_found', 'there is no credential of this name');

/**
 * Checks what a caller demands of what is there now.
 *
 * @throws KeywardError `precondition_failed`
 */
export function checkPrecondition(precondition: Precondition | undefined, live: CredentialRecord | undefined): void {
  if (precondition !== undefined && !holds(precondition, live)) {
    throw new KeywardError(
      'precondition_failed',
      'the credential is not in the state that If-Match or If-None-Match demands',
    );
  }
}

function holds(precondition: Precondition, live: CredentialRecord | undefined): boolean {
  if (precondition === 'absent') return live === undefined;
  if (precondition === 'exists') return live !== undefined;
  if ('one_of' in precondition) return live !== undefined && precondition.one_of.includes(live.revision);
  return live === undefined || !precondition.none_of.includes(live.revision);
}
