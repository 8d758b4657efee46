import * as z from 'zod/mini';
import { KEK_HOMES } from '../contract/kek-homes';
import { KEK_ID_PATTERN, MAX_KEY_VERSION } from '../contract/names';
import type { ErrorCode } from '../contract/problems';
import { isKnownProvider, type KnownProviders } from '../keysets/known-provider';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';
import type { createProveKeyset } from './prove-keyset';
import type { ProofChallenge } from './dek-proof';

/** Dependencies of the function. It refuses a challenge for an unknown provider. */
export interface ProveKeysetUse extends KnownProviders {
  readonly proveKeyset: ReturnType<typeof createProveKeyset>;
}

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

/** Answers the home region's challenge from this region's own data. */
export const proveKeysetEvent = {
  name: 'prove-keyset',
  parse: async (event: unknown, deps: ProveKeysetUse): Promise<ProofChallenge | undefined> => {
    const { data } = z.safeParse(schema, event);
    return data !== undefined && (await isKnownProvider(data.provider, deps)) ? data : undefined;
  },
  serve: async (
    challenge: ProofChallenge,
    { proveKeyset, logger }: ProveKeysetUse & { readonly logger: Logger },
  ): Promise<ProofAnswer> => {
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
