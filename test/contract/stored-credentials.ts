import type { CredentialRecord, CredentialTombstone, PreviousValue } from '../../lambdas/core/credentials/credential';
import type { DeletedCredential, ListedCredential } from '../../lambdas/core/credentials/ports/credential-store';
import { newWriteId } from './random-name';

const AT = '2026-11-21T09:00:00.000Z';

export const credential = (
  provider: string,
  name: string,
  change: Partial<CredentialRecord> = {},
): CredentialRecord => ({
  provider,
  name,
  revision: 1,
  write_id: newWriteId(),
  ciphertext: `kw1.${provider}.1.AAAA`,
  key_version: 1,
  hint: 'wxyz',
  metadata: { base_url: 'https://example.invalid/v1', list: [null, { a: 1 }] },
  created_at: AT,
  updated_at: AT,
  ...change,
});

export const tombstone = (
  provider: string,
  name: string,
  revision: number,
  change: Partial<CredentialTombstone> = {},
): CredentialTombstone => ({
  provider,
  name,
  revision,
  write_id: newWriteId(),
  deleted_at: AT,
  ...change,
});

/** The previous value of a credential or a tombstone. */
export const previousValue = (change: Partial<PreviousValue> = {}): PreviousValue => ({
  revision: 1,
  replaced_at: '2026-11-22T10:00:00.000Z',
  ciphertext: 'kw1.p.1.PPPP',
  key_version: 1,
  hint: 'prev',
  metadata: { base_url: 'https://before.invalid/v1', list: [null, { b: 2 }] },
  created_at: AT,
  updated_at: AT,
  ...change,
});

/** The same row without its sealed parts, as a list has it: a live row's previous value has only its place. */
export function listed(row: CredentialRecord): ListedCredential;
export function listed(row: CredentialTombstone): DeletedCredential;
export function listed(row: CredentialRecord | CredentialTombstone): object {
  const { ciphertext: _, previous, ...shown } = row as CredentialRecord;
  if (previous === undefined) return shown;
  const { ciphertext: __, ...shownPrevious } = previous as PreviousValue;
  const { revision, replaced_at } = shownPrevious;
  return { ...shown, previous: 'deleted_at' in row ? shownPrevious : { revision, replaced_at } };
}
