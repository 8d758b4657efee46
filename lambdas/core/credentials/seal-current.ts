import { sealToken } from '../crypto/token';
import { newId, type Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { KeysetAccess } from '../keysets/keyset-access';
import type { Dek } from '../crypto/dek';
import { credentialContext, hintOf, isDamaged, type CredentialMetadata, type CredentialRecord } from './credential';
import { liveOf, type ReplaceableCredential } from './credential-view';

/** What every change that seals needs. */
export interface SealingDependencies {
  readonly keysets: KeysetAccess;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** For so many days a value that was replaced or deleted is kept. */
  readonly previousValueDays: number;
}

/** What a change makes the current value. */
interface Wanted {
  readonly provider: string;
  readonly name: string;
  readonly apiKey: string;
  readonly metadata: CredentialMetadata;
  /** Left out: that of what is there, or now. */
  readonly createdAt?: string;
}

/** The current value sealed under the primary, under the revision after that of `current`. Without a previous one. */
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
