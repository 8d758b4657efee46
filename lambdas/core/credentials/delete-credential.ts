import { newId } from '../crypto/randomness';
import type { CredentialTombstone } from './credential';
import type { Caller } from '../ports/caller';
import { changeCredential, type CredentialCommand } from './change-credential';
import { liveOf, type ReplaceableCredential } from './credential-view';
import { withPrevious } from './held-values';
import { keepCurrentAsPrevious, openCurrent, type KeptPrevious } from './keep-current-as-previous';
import type { ChangingDependencies } from './put-credential';
import { credentialNotFound } from './recorded-name';

interface DeleteCredentialCommand extends CredentialCommand {
  /** True: neither the value nor the previous one is kept, and no key is needed. */
  readonly purge?: boolean;
}

/**
 * Deletes a stored credential. Its value is kept as the previous value, sealed anew. A tombstone with the next revision stays, so
 * that no revision is ever used twice.
 *
 * @throws KeywardError `credential_not_found`; `keys_unavailable` if the value to keep cannot be sealed; and as {@link
 *   changeCredential}
 */
export const createDeleteCredential =
  (deps: ChangingDependencies) =>
  async (caller: Caller, command: DeleteCredentialCommand): Promise<void> => {
    const { provider, name, purge = false } = command;
    await changeCredential<CredentialTombstone>(deps, caller, command, {
      eventType: 'config_change',
      operation: 'delete_credential',
      next: async (current) => {
        const live = liveOf(current);
        if (live === undefined) throw credentialNotFound(name);
        const { previous, noted } = purge ? purged : await kept(deps, provider, current);
        const tombstone: CredentialTombstone = {
          provider,
          name,
          revision: live.revision + 1,
          write_id: newId(deps.randomness),
          deleted_at: new Date(deps.clock.now()).toISOString(),
        };
        return { stored: withPrevious(tombstone, previous), noted };
      },
    });
  };

export type DeleteCredential = ReturnType<typeof createDeleteCredential>;

const purged: KeptPrevious = { previous: undefined, noted: { previous_value: 'purged' } };

async function kept(
  deps: ChangingDependencies,
  provider: string,
  current: ReplaceableCredential | undefined,
): Promise<KeptPrevious> {
  const opened = deps.previousValueDays === 0 ? undefined : await openCurrent(deps.keysets, current);
  return keepCurrentAsPrevious(deps, current, opened, () => deps.keysets.forStoring(provider));
}
