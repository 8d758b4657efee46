import * as z from 'zod/mini';
import { proveKeysetFromEnvironment, type ProveKeysetRuntime } from '../core/runtime/compose-prove-keyset';
import type { ErrorCode } from '../core/errors/errors';
import { MAX_KEY_VERSION } from '../core/crypto/key-version';
import type { ProofChallenge } from '../core/dek-rotation/region-proof';
import { createEventHandler } from '../core/runtime/event-handler';
import { failureFields } from '../core/ports/failure-fields';
import { isKnownProvider } from '../core/keysets/known-provider';

const challenge = z.strictObject({
  provider: z.string(),
  version: z.int().check(z.minimum(1), z.maximum(MAX_KEY_VERSION)),
  revision: z.int().check(z.minimum(1)),
  kek_id: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/)),
  nonce: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

/** The proof, or why there is none: home asks again later. */
export type ProofAnswer = { readonly proof: string } | { readonly code: ErrorCode };

/** Answers the home region's challenge with what this region has itself. */
export const createHandler = (runtime: () => ProveKeysetRuntime) =>
  createEventHandler({
    name: 'prove-keyset',
    runtime,
    parse: async (event, runtime): Promise<ProofChallenge | undefined> => {
      const { data } = z.safeParse(challenge, event);
      return data !== undefined && (await isKnownProvider(data.provider, runtime)) ? data : undefined;
    },
    serve: async (asked, { proveKeyset, logger }): Promise<ProofAnswer> => {
      const { provider } = asked;
      const operation = 'prove-keyset';
      try {
        const proof = await proveKeyset(asked);
        logger.info('key version proved', { operation, provider });
        return { proof };
      } catch (thrown) {
        const fields = failureFields(thrown);
        logger.warn('key version not proved', { operation, provider, ...fields });
        return { code: fields.code };
      }
    },
  });

export const handler = createHandler(proveKeysetFromEnvironment);
