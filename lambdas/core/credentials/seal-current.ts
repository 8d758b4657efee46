import { sealToken } from '../crypto/token';
import { newId, type Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { KeysetAccess } from '../keysets/keyset-access';
import type { Dek } from '../crypto/dek';
import { credentialContext, hintOf, isDamaged, type CredentialMetadata, type CredentialRecord } from './credential';
import { liveOf, type ReplaceableCredential } from './credential-view';

/** Dependencies of every change that seals. */
export interface SealingDependencies {
  readonly keysets: KeysetAccess;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Days that a previous value is kept. */
  readonly previousValueDays: number;
}

/** The new current value. */
interface Wanted {
  readonly provider: string;
  readonly name: string;
  readonly apiKey: string;
  readonly metadata: CredentialMetadata;
  /** Left out: that of the current value, or now. */
  readonly createdAt?: string;
}

/** Seals the new current value under the primary, with the revision after that of `current` and without a previous value. */
export function sealCurrent(
  deps: SealingDependencies,
  dek: Dek,
  { provider, name, apiKey, metadata, createdAt }: Wanted,
  current: ReplaceableCredential | undefined,
): CredentialRecord {
  const now = new Date(deps.clock.now()).toISOString();
  const before = liveOf(current);
  const made = before === undefined || isDamaged(before) ? now : before.created_at;
  return {
    provider,
    name,
    revision: (current?.revision ?? 0) + 1,
    write_id: newId(deps.randomness),
    ciphertext: sealToken(dek, credentialContext(provider, name, metadata), apiKey, deps.randomness),
    key_version: dek.version,
    hint: hintOf(apiKey),
    metadata,
    created_at: createdAt ?? made,
    updated_at: now,
  };
}
