import * as z from 'zod/mini';
import { KEK_HOMES } from '../contract/kek-homes';
import { KEK_ID_PATTERN, MAX_KEY_VERSION } from '../contract/names';
import type { ErrorCode } from '../contract/problems';
import { KEK_VERSION_REQUEST } from '../contract/system-events';
import type { KekVersionReader } from '../kek-rotation/ports/kek-secret-store';
import { isKnownProvider, type KnownProviders } from '../keysets/known-provider';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';
import type { createProveKeyset } from './prove-keyset';
import type { ProofChallenge } from './dek-proof';

/** Dependencies of the function. It refuses a challenge for an unknown provider. */
export interface ProveKeysetUse extends KnownProviders {
  readonly proveKeyset: ReturnType<typeof createProveKeyset>;
  /** The KEK secret as this region reads it. */
  readonly kekVersion: KekVersionReader;
}

const kekVersionRequest = z.strictObject({ keyward: z.literal(KEK_VERSION_REQUEST.keyward) });

const schema: z.ZodMiniType<ProofChallenge> = z.strictObject({
  provider: z.string(),
  version: z.int().check(z.minimum(1), z.maximum(MAX_KEY_VERSION)),
  revision: z.int().check(z.minimum(1)),
  kek_id: z.string().check(z.regex(KEK_ID_PATTERN)),
  nonce: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  home: z.optional(z.enum(KEK_HOMES)),
});

/** The proof, or an error code: home asks again later. */
export type ProofAnswer = { readonly proof: string } | { readonly code: ErrorCode };

/** The id of the version that this region reads, or an error code. */
type KekVersionAnswer = { readonly version_id: string } | { readonly code: ErrorCode };

/** Answers the home region's challenge, or its question which KEK this region reads, from this region's own data. */
export const proveKeysetEvent = {
  name: 'prove-keyset',
  parse: async (event: unknown, deps: ProveKeysetUse): Promise<ProofChallenge | 'kek-version' | undefined> => {
    if (z.safeParse(kekVersionRequest, event).success) return 'kek-version';
    const { data } = z.safeParse(schema, event);
    return data !== undefined && (await isKnownProvider(data.provider, deps)) ? data : undefined;
  },
  serve: async (
    challenge: ProofChallenge | 'kek-version',
    { proveKeyset, kekVersion, logger }: ProveKeysetUse & { readonly logger: Logger },
  ): Promise<ProofAnswer | KekVersionAnswer> => {
    if (challenge === 'kek-version') return tellKekVersion(kekVersion, logger);
    const { provider } = challenge;
    const operation = 'prove-keyset';
    try {
      const proof = await proveKeyset(challenge);
      logger.info('key version proved', { operation, provider });
      return { proof };
    } catch (thrown) {
      const fields = failureFields(thrown);
      logger.warn('key version not proved', { operation, provider, ...fields });
      return { code: fields.code };
    }
  },
};

async function tellKekVersion(kekVersion: KekVersionReader, logger: Logger): Promise<KekVersionAnswer> {
  try {
    return { version_id: (await kekVersion.current()).versionId };
  } catch (thrown) {
    const fields = failureFields(thrown);
    logger.warn('the current KEK could not be read', { operation: 'kek-version', ...fields });
    return { code: fields.code };
  }
}
