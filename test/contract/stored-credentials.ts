import type { CredentialRecord, CredentialTombstone } from '../../lambdas/core/credentials/credential';
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

export const tombstone = (provider: string, name: string, revision: number): CredentialTombstone => ({
  provider,
  name,
  revision,
  write_id: newWriteId(),
  deleted_at: AT,
});
