import { tokenSha256 } from '../audit/audit-event';
import { parseToken } from '../crypto/token';
import type { Metrics } from '../ports/metrics';
import type { Caller } from '../ports/caller';
import type { AuditTrail } from '../audit/audit-trail';
import type { KeysetAccess } from '../keysets/keyset-access';
import { refuseRetiredVersion } from './refuse-retired-version';
import { openTokenOfProvider, type Opened, type TokenCommand } from './open-token-of-provider';

interface OpenedReply {
  readonly plaintext: string;
  readonly provider: string;
  readonly key_version: number;
  /** The token is not under the primary: rewrap it before its version is retired. */
  readonly rewrap_recommended: boolean;
}

/** Opens a token. The plaintext is returned only after its audit event is durable. */
export const createDecrypt =
  (deps: { keysets: KeysetAccess; trail: AuditTrail; metrics: Metrics }) =>
  async (caller: Caller, { provider, ciphertext, context }: TokenCommand): Promise<OpenedReply> => {
    const entry = { provider, metadata: { operation: 'decrypt' } };
    let token_sha256: string | null = null;
    let opened: Opened;
    let key_version: number | null = null;
    try {
      const token = parseToken(ciphertext);
      // Only now: text that is not a token may be a pasted key, and its hash must not be kept.
      token_sha256 = tokenSha256(ciphertext);
      opened = await openTokenOfProvider(deps.keysets, provider, token, context);
      key_version = opened.version;
      if (opened.version !== opened.primaryVersion) deps.metrics.count('retiring_version_used');
      refuseRetiredVersion(opened.state);
    } catch (thrown) {
      await deps.trail.recordRefusal(
        caller,
        { ...entry, token_sha256, key_version, event_type: 'failed_decrypt' },
        thrown,
      );
      throw thrown;
    }
    await deps.trail.record(caller, { event_type: 'decrypt', ...entry, token_sha256, key_version });
    return {
      plaintext: opened.plaintext,
      provider,
      key_version: opened.version,
      rewrap_recommended: opened.version !== opened.primaryVersion,
    };
  };

export type Decrypt = ReturnType<typeof createDecrypt>;
