import type { CredentialFormat } from '../contract/limits';
import { KeywardError } from '../errors/errors';
import {
  checkCredentialMetadata,
  checkCredentialValue,
  credentialContext,
  hintOf,
  shownHint,
  unfitValue,
  type CredentialMetadata,
  type CredentialRecord,
  type DamagedCredential,
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
import type { FailureReason } from '../errors/failure-reason';
import type { KeysetAccess } from '../keysets/keyset-access';
import { openCredential } from './open-credential';
import { checkNewName } from './recorded-name';

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
  /** What the key is said to be: checked, and neither stored nor recorded. */
  readonly format?: CredentialFormat;
  /** Left out: what is there stays. */
  readonly metadata?: CredentialMetadata;
  readonly precondition?: Precondition;
}

/**
 * Stores an API key under `(provider, name)`, sealed with the primary DEK as the home region has it now. Metadata that is left
 * out is that of what is replaced, as the write's own condition saw it.
 *
 * @throws KeywardError `invalid_request` where the value or the metadata is not fit, or a new name is a key by its look;
 *   `metadata_required` where what is replaced does not open with its metadata; and as {@link changeCredential}
 */
export const createPutCredential =
  (on: PutCredentialDependencies) =>
  async (
    caller: Caller,
    command: PutCredentialCommand,
  ): Promise<{ readonly credential: CredentialView; readonly created: boolean }> => {
    const { provider, name, api_key: apiKey, format, metadata, precondition } = command;
    checkCredentialValue(apiKey, format);
    if (metadata !== undefined) checkCredentialMetadata(metadata);
    const { stored, before } = await changeCredential(on, {
      caller,
      provider,
      name,
      precondition,
      eventType: 'encrypt',
      operation: 'put_credential',
      next: async (current) => {
        const replaced = liveOf(current);
        if (replaced === undefined) checkNewName(name);
        if (format === undefined) checkNotHint(apiKey, replaced);
        const kept = metadata ?? (await metadataOf(on.keysets, replaced));
        return sealCredential(on, { provider, name, apiKey, metadata: kept }, current);
      },
    });
    return { credential: viewOf(stored), created: liveOf(before) === undefined };
  };

export type PutCredential = ReturnType<typeof createPutCredential>;

type Replaced = CredentialRecord | DamagedCredential | undefined;

/** What a list shows of a key is easily copied in its place. */
function checkNotHint(apiKey: string, replaced: Replaced): void {
  if (replaced === undefined || isDamaged(replaced) || shownHint(replaced.hint) !== apiKey) return;
  throw unfitValue({ fault: 'is what a list shows of the key that is stored, and not the key', fits: 'key' });
}

/**
 * The metadata of what is replaced, once it is known to be what its key was sealed with: what somebody has edited in the table
 * must not be sealed in.
 *
 * @throws KeywardError `metadata_required`, `keys_unavailable`
 */
async function metadataOf(keysets: KeysetAccess, replaced: Replaced): Promise<CredentialMetadata> {
  if (replaced === undefined) return {};
  if (isDamaged(replaced)) throw metadataRequired('credential_damaged');
  try {
    await openCredential(keysets, replaced);
  } catch (thrown) {
    if (!(thrown instanceof KeywardError) || thrown.code !== 'credential_damaged') throw thrown;
    throw metadataRequired(thrown.reason);
  }
  return replaced.metadata;
}

/** What is said where it cannot be kept. */
export const METADATA_LOST =
  'what is stored does not open with its metadata, which therefore cannot be kept; send metadata, or {} for none';

const metadataRequired = (reason: FailureReason | undefined): KeywardError =>
  new KeywardError('metadata_required', METADATA_LOST, reason);

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
