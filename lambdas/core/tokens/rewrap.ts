import { tokenSha256 } from '../audit/audit-event';
import type { Randomness } from '../crypto/randomness';
import { parseToken, sealToken } from '../crypto/token';
import type { Caller } from '../ports/caller';
import type { AuditTrail } from '../audit/audit-trail';
import type { KeysetAccess } from '../keysets/keyset-access';
import type { SealedReply } from './encrypt';
import { openTokenOfProvider, type TokenCommand } from './open-token-of-provider';

/** Moves a token to the primary, also from a retired version, without returning its plaintext. */
export const createRewrap =
  (deps: { keysets: KeysetAccess; trail: AuditTrail; randomness: Randomness }) =>
  async (caller: Caller, { provider, ciphertext, context }: TokenCommand): Promise<SealedReply> => {
    const entry = { provider, metadata: { operation: 'rewrap' } };
    let token_sha256: string | null = null;
    let reply: SealedReply;
    try {
      const token = parseToken(ciphertext);
      token_sha256 = tokenSha256(ciphertext);
      const { plaintext } = await openTokenOfProvider(deps.keysets, provider, token, context);
      const dek = await deps.keysets.forSealing(provider);
      reply = { ciphertext: sealToken(dek, context, plaintext, deps.randomness), provider, key_version: dek.version };
    } catch (thrown) {
      await deps.trail.recordRefusal(caller, { ...entry, token_sha256, event_type: 'failed_decrypt' }, thrown);
      throw thrown;
    }
    await deps.trail.record(caller, {
      event_type: 'rewrap',
      ...entry,
      token_sha256,
      key_version: reply.key_version,
      metadata: { operation: 'rewrap', new_token_sha256: tokenSha256(reply.ciphertext) },
    });
    return reply;
  };

export type Rewrap = ReturnType<typeof createRewrap>;
