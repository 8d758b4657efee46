import { mergePatch } from '../crypto/merge-patch';
import type { JsonValue } from '../crypto/canonical-json';
import type { Caller } from '../ports/caller';
import { changeCredential, type CredentialCommand } from './change-credential';
import {
  checkCredentialMetadata,
  credentialDamaged,
  isDamaged,
  type CredentialMetadata,
  type CredentialRecord,
} from './credential';
import { liveOf, viewOf, type CredentialView } from './credential-view';
import { withPrevious } from './held-values';
import { leavePrevious } from './keep-current-as-previous';
import { openCredential } from './open-credential';
import type { ChangingDependencies } from './put-credential';
import { credentialNotFound } from './recorded-name';
import { sealCurrent } from './seal-current';

interface PatchMetadataCommand extends CredentialCommand {
  /** A JSON merge patch (RFC 7396). */
  readonly patch: Readonly<Record<string, JsonValue>>;
}

/**
 * Changes the metadata of a stored key: opens the key and seals it anew with the new metadata. The previous value stays as it is.
 *
 * @throws KeywardError `credential_not_found`; `credential_damaged` if it does not open with its metadata; `invalid_request` if
 *   the new metadata is not valid; and as {@link changeCredential}
 */
export const createPatchMetadata =
  (deps: ChangingDependencies) =>
  async (caller: Caller, command: PatchMetadataCommand): Promise<CredentialView> => {
    const { provider, name, patch } = command;
    const { stored } = await changeCredential<CredentialRecord>(deps, caller, command, {
      eventType: 'encrypt',
      operation: 'patch_metadata',
      next: async (current) => {
        const live = liveOf(current);
        if (live === undefined) throw credentialNotFound(name);
        if (isDamaged(live)) throw credentialDamaged();
        const apiKey = await openCredential(deps.keysets, live);
        const metadata = mergePatch(live.metadata, patch) as CredentialMetadata;
        checkCredentialMetadata(metadata);
        const dek = await deps.keysets.forStoring(provider);
        const { previous, noted } = leavePrevious(deps, current);
        const sealed = sealCurrent(deps, dek, { provider, name, apiKey, metadata }, current);
        return { stored: withPrevious(sealed, previous), noted };
      },
    });
    return viewOf(stored, deps);
  };

export type PatchMetadata = ReturnType<typeof createPatchMetadata>;
