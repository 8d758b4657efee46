import { tokenSha256 } from '../audit/audit-event';
import type { CredentialRecord } from './credential';
import type { Caller } from '../ports/caller';
import type { AuditTrail } from '../audit/audit-trail';
import { readLive, viewOf, type CredentialSources, type CredentialView, type PreviousKeeping } from './credential-view';
import type { KeysetAccess } from '../keysets/keyset-access';
import { openCredential } from './open-credential';
import { recordedName } from './recorded-name';

/** Returns a stored API key after its audit event is durable. */
export const createRevealCredential =
  (deps: PreviousKeeping & { credentials: CredentialSources; keysets: KeysetAccess; trail: AuditTrail }) =>
  async (
    caller: Caller,
    query: { provider: string; name: string; consistent: boolean },
  ): Promise<CredentialView & { readonly api_key: string }> => {
    const { provider, name, consistent } = query;
    const metadata = { operation: 'reveal_credential', credential: name };
    let record: CredentialRecord | undefined;
    let apiKey: string;
    try {
      record = await readLive(deps.credentials, provider, name, consistent);
      apiKey = await openCredential(deps.keysets, record);
    } catch (thrown) {
      const credential = record === undefined ? recordedName(name) : name;
      const entry = { event_type: 'failed_decrypt' as const, provider, metadata: { ...metadata, credential } };
      await deps.trail.recordRefusal(caller, entry, thrown);
      throw thrown;
    }
    await deps.trail.record(caller, {
      event_type: 'decrypt',
      provider,
      key_version: record.key_version,
      token_sha256: tokenSha256(record.ciphertext),
      metadata: { ...metadata, revision: record.revision },
    });
    return { ...viewOf(record, deps), api_key: apiKey };
  };

export type RevealCredential = ReturnType<typeof createRevealCredential>;
