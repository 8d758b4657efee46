import {
  checkCredentialMetadata,
  credentialContext,
  hintOf,
  type CredentialMetadata,
  type CredentialRecord,
} from './credential';
import { newId, type Randomness } from '../crypto/randomness';
import { sealToken } from '../crypto/token';
import type { Clock } from '../ports/clock';
import type { CredentialStore } from './ports/credential-store';
import type { Caller } from '../ports/caller';
import type { Precondition } from '../ports/precondition';
import type { AuditTrail } from '../audit/audit-trail';
import { changeCredential } from './change-credential';
import { isDamaged, liveOf, viewOf, type CredentialView, type ReplaceableCredential } from './credential-view';
import type { KeysetAccess } from '../keysets/keyset-access';

interface PutCredentialDependencies {
  readonly credentials: CredentialStore;
  readonly keysets: KeysetAccess;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

interface PutCredentialCommand {
  readonly provider: string;
  readonly name: string;
  readonly api_key: string;
  readonly metadata: CredentialMetadata;
  readonly precondition?: Precondition;
}

/** Stores an API key under `(provider, name)`, sealed with the primary DEK as the home region has it now. */
export const createPutCredential =
  (on: PutCredentialDependencies) =>
  async (
    caller: Caller,
    command: PutCredentialCommand,
  ): Promise<{ readonly credential: CredentialView; readonly created: boolean }> => {
    const { provider, name, api_key: apiKey, metadata, precondition } = command;
    checkCredentialMetadata(metadata);
    const { stored, before } = await changeCredential(on, {
      caller,
      provider,
      name,
      precondition,
      eventType: 'encrypt',
      operation: 'put_credential',
      next: (current) => sealCredential(on, { provider, name, apiKey, metadata }, current),
    });
    return { credential: viewOf(stored), created: liveOf(before) === undefined };
  };

export type PutCredential = ReturnType<typeof createPutCredential>;

async function sealCredential(
  on: PutCredentialDependencies,
  wanted: { provider: string; name: string; apiKey: string; metadata: CredentialMetadata },
  current: ReplaceableCredential | undefined,
): Promise<CredentialRecord> {
  const { provider, name, apiKey, metadata } = wanted;
  const dek = await on.keysets.forStoring(provider);
  const now = new Date(on.clock.now()).toISOString();
  const before = liveOf(current);
  return {
    provider,
    name,
    revision: (current?.revision ?? 0) + 1,
    write_id: newId(on.randomness),
    ciphertext: sealToken(dek, credentialContext(provider, name, metadata), apiKey, on.randomness),
    key_version: dek.version,
    hint: hintOf(apiKey),
    metadata,
    created_at: before === undefined || isDamaged(before) ? now : before.created_at,
    updated_at: now,
  };
}
