import { newId } from '../crypto/randomness';
import type { Caller } from '../ports/caller';
import { changeCredential, type CredentialCommand } from './change-credential';
import { isDamaged, isTombstone, type StoredRow } from './credential';
import type { ReplaceableCredential } from './credential-view';
import { withPrevious } from './held-values';
import type { ChangingDependencies } from './put-credential';
import { credentialNotFound } from './recorded-name';
import { previousValueNotFound } from './previous-value';

/**
 * Erases the previous value of a credential, also a damaged or expired one. The current value stays, under a new revision. Needs
 * no key.
 *
 * @throws KeywardError `credential_not_found`, `previous_value_not_found`; and as {@link changeCredential}
 */
export const createPurgePrevious =
  (deps: Pick<ChangingDependencies, 'credentials' | 'trail' | 'clock' | 'randomness'>) =>
  async (caller: Caller, command: CredentialCommand): Promise<void> => {
    const { name } = command;
    await changeCredential<StoredRow>(deps, caller, command, {
      eventType: 'config_change',
      operation: 'purge_previous_value',
      next: (current) => {
        if (current === undefined) return Promise.reject(credentialNotFound(name));
        if (current.previous === undefined) return Promise.reject(previousValueNotFound());
        const stored = {
          ...withPrevious<ReplaceableCredential>(current, undefined),
          revision: current.revision + 1,
          write_id: newId(deps.randomness),
          ...(!isTombstone(current) && !isDamaged(current) && { updated_at: new Date(deps.clock.now()).toISOString() }),
        };
        return Promise.resolve({ stored, noted: { previous_value: 'purged' } });
      },
    });
  };

export type PurgePrevious = ReturnType<typeof createPurgePrevious>;
