import type { ErrorCode } from '../contract/problems';
import { newKeyset } from '../keysets/dek-keyset';
import type { ErrorName } from '../errors/error-names';
import type { FailureReason } from '../errors/failure-reason';
import { newId, type Randomness } from '../crypto/randomness';
import type { KekMoveGuard } from '../kek-move/kek-move-guard';
import type { AuditReader } from '../audit/ports/audit-log';
import type { Clock } from '../ports/clock';
import type { CredentialStore } from '../credentials/ports/credential-store';
import { failureFields } from '../ports/failure-fields';
import type { KeysetStore } from '../keysets/ports/keyset-store';
import type { SealingGuard } from '../keysets/ports/sealing-guard';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import { systemCaller, type SystemUser } from '../ports/system-caller';
import { verifyWithNewestKek } from '../keysets/verify-with-newest-kek';

export interface EnsureKeysetsDependencies {
  readonly keysets: KeysetStore;
  readonly credentials: CredentialStore;
  readonly audit: AuditReader;
  readonly secrets: SecretsProvider;
  /** Left out if sealing never stops. */
  readonly sealing?: SealingGuard;
  /** Left out: the KEK cannot be moved. */
  readonly moves?: KekMoveGuard;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Grace period in the policies of new keysets. Left out: the default. */
  readonly gracePeriodDays?: number;
}

/**
 * The state of a provider's keyset: `ready` exists and verifies, `created` is new, `lost` existed and is gone, `damaged` does not
 * verify, `failed` could not be read or made.
 */
export interface KeysetStatus {
  readonly provider: string;
  readonly status: 'ready' | 'created' | 'lost' | 'damaged' | 'failed';
  /** The error of `failed`. The reason `unknown_kek`: the keyset names a KEK that the secret lacks. */
  readonly code?: ErrorCode;
  readonly reason?: FailureReason;
  /** Error name of the outside call that caused it, if one did. */
  readonly error_name?: ErrorName;
}

/**
 * Creates the keysets that configured providers lack, in the home region. A provider that was in use never gets a new keyset in
 * place of a lost one: its tokens and credentials would seem invalid. Safe to run again, concurrently, or after a crash at any
 * point.
 *
 * @param user the acting part of Keyward, for the audit log
 */
export const createEnsureKeysets =
  (deps: EnsureKeysetsDependencies) =>
  async (providers: readonly string[], user: SystemUser): Promise<readonly KeysetStatus[]> => {
    const caller = systemCaller(user, newId(deps.randomness));
    return Promise.all(
      providers.map(async (provider): Promise<KeysetStatus> => {
        try {
          return { provider, status: await ensureKeyset(deps, provider, caller) };
        } catch (thrown) {
          const fields = failureFields(thrown);
          if (fields.reason === 'keyset_damaged') return { provider, status: 'damaged' };
          return { provider, status: 'failed', ...fields };
        }
      }),
    );
  };

async function ensureKeyset(
  deps: EnsureKeysetsDependencies,
  provider: string,
  caller: Caller,
): Promise<KeysetStatus['status']> {
  const existing = await deps.keysets.get(provider);
  if (existing !== undefined) {
    await verifyWithNewestKek(deps.secrets, existing, provider);
    await deps.audit.markUsed(provider);
    return 'ready';
  }
  if ((await deps.audit.wasUsed(provider)) || (await deps.credentials.hasAny(provider))) return 'lost';
  await deps.sealing?.assertMaySeal();
  const { primary } = await deps.secrets.current();
  await deps.moves?.assertMayChange();
  const record = newKeyset(provider, primary, deps.clock.now(), deps.randomness, deps.gracePeriodDays);
  const result = await deps.trail.change(
    caller,
    {
      event_type: 'config_change',
      provider,
      key_version: record.primary_version,
      metadata: { operation: 'create_keyset', write_id: record.write_id, revision: record.revision },
    },
    () => deps.keysets.create(record),
  );
  await deps.audit.markUsed(provider);
  return result === 'written' ? 'created' : 'ready';
}
