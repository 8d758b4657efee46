import { tokenSha256 } from '../audit/audit-event';
import type { Randomness } from '../crypto/randomness';
import { sealToken } from '../crypto/token';
import type { EncryptionContext } from '../crypto/encryption-context';
import type { Caller } from '../ports/caller';
import type { AuditTrail } from '../audit/audit-trail';
import type { KeysetAccess } from '../keysets/keyset-access';

export interface SealedReply {
  readonly ciphertext: string;
  readonly provider: string;
  readonly key_version: number;
}

/** Seals a plaintext under the provider's primary DEK. */
export const createEncrypt =
  (deps: { keysets: KeysetAccess; trail: AuditTrail; randomness: Randomness }) =>
  async (
    caller: Caller,
    command: { provider: string; plaintext: string; context: EncryptionContext },
  ): Promise<SealedReply> => {
    const { provider, plaintext, context } = command;
    let reply: SealedReply;
    try {
      const dek = await deps.keysets.forSealing(provider);
      reply = { ciphertext: sealToken(dek, context, plaintext, deps.randomness), provider, key_version: dek.version };
    } catch (thrown) {
      await deps.trail.recordRefusal(
        caller,
        { event_type: 'encrypt', provider, metadata: { operation: 'encrypt' } },
        thrown,
      );
      throw thrown;
    }
    await deps.trail.record(caller, {
      event_type: 'encrypt',
      provider,
      key_version: reply.key_version,
      token_sha256: tokenSha256(reply.ciphertext),
      metadata: { operation: 'encrypt' },
    });
    return reply;
  };

export type Encrypt = ReturnType<typeof createEncrypt>;
