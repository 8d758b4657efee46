import { newId, type Randomness } from '../crypto/randomness';
import type { CredentialTombstone } from './credential';
import type { Clock } from '../ports/clock';
import type { CredentialStore } from './ports/credential-store';
import type { Caller } from '../ports/caller';
import type { Precondition } from '../ports/precondition';
import type { AuditTrail } from '../audit/audit-trail';
import { changeCredential } from './change-credential';
import { liveOf } from './credential-view';
import { credentialNotFound } from './recorded-name';

/** Deletes a stored credential. A tombstone with the next revision stays, so that no revision is ever used twice. */
export const createDeleteCredential =
  (on: { credentials: CredentialStore; trail: AuditTrail; clock: Clock; randomness: Randomness }) =>
  async (caller: Caller, command: { provider: string; name: string; precondition?: Precondition }): Promise<void> => {
    const { provider, name, precondition } = command;
    await changeCredential<CredentialTombstone>(on, {
      caller,
      provider,
      name,
      precondition,
      eventType: 'config_change',
      operation: 'delete_credential',
      next: (current) => {
        const live = liveOf(current);
        if (live === undefined) return Promise.reject(credentialNotFound(name));
        return Promise.resolve({
          provider,
          name,
          revision: live.revision + 1,
          write_id: newId(on.randomness),
          deleted_at: new Date(on.clock.now()).toISOString(),
        });
      },
    });
  };

export type DeleteCredential = ReturnType<typeof createDeleteCredential>;
