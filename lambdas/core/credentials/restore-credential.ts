import { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import { changeCredential, type CredentialCommand } from './change-credential';
import type { CredentialRecord } from './credential';
import { viewOf, type CredentialView } from './credential-view';
import { withPrevious } from './held-values';
import { keepCurrentAsPrevious, openCurrent } from './keep-current-as-previous';
import { openPrevious } from './open-credential';
import { readPrevious } from './previous-value';
import type { ChangingDependencies } from './put-credential';
import { credentialNotFound } from './recorded-name';
import { sealCurrent } from './seal-current';

interface RestoreCredentialCommand extends CredentialCommand {
  /** Revision of the previous value to restore. */
  readonly revision: number;
}

export const OTHER_PREVIOUS_VALUE = 'the previous value has another revision';

/**
 * Makes the previous value of a credential the current one, under a new revision. The current value becomes the previous one, so
 * a second restore undoes the first; after a deletion there is none.
 *
 * @throws KeywardError `credential_not_found`, `previous_value_not_found`; `previous_value_changed` if it has another revision;
 *   `credential_damaged` if it does not open; and as {@link changeCredential}
 */
export const createRestoreCredential =
  (deps: ChangingDependencies) =>
  async (caller: Caller, command: RestoreCredentialCommand): Promise<CredentialView> => {
    const { provider, name, revision } = command;
    const { stored } = await changeCredential<CredentialRecord>(deps, caller, command, {
      eventType: 'encrypt',
      operation: 'restore_credential',
      next: async (current) => {
        if (current === undefined) throw credentialNotFound(name);
        const restored = readPrevious(current, deps.previousValueDays, deps.clock.now());
        if (restored.revision !== revision) throw new KeywardError('previous_value_changed', OTHER_PREVIOUS_VALUE);
        const apiKey = await openPrevious(deps.keysets, { provider, name }, restored);
        const opened = await openCurrent(deps.keysets, current);
        const dek = await deps.keysets.forStoring(provider);
        const { metadata, created_at: createdAt } = restored;
        const sealed = sealCurrent(deps, dek, { provider, name, apiKey, metadata, createdAt }, current);
        // The restored value must not also stay the previous one.
        const { previous, noted } = await keepCurrentAsPrevious(deps, withPrevious(current, undefined), opened, () =>
          Promise.resolve(dek),
        );
        return { stored: withPrevious(sealed, previous), noted: { ...noted, restored_revision: revision } };
      },
    });
    return viewOf(stored, deps);
  };

export type RestoreCredential = ReturnType<typeof createRestoreCredential>;
