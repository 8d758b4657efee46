import * as z from 'zod/mini';
import { KEK_HOMES, type KekHome } from '../contract/kek-homes';
import { KEK_ID_PATTERN, MAX_KEY_VERSION } from '../contract/names';
import type { ErrorCode } from '../contract/problems';
import { KEK_HOME_REQUEST, KEK_VERSION_REQUEST } from '../contract/system-events';
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
  /** The home from which this region reads the KEK now. Throws KeywardError if it cannot. */
  readonly kekHome: () => Promise<KekHome>;
}

/** Home's questions about the KEK. */
const question = z.strictObject({ keyward: z.enum([KEK_VERSION_REQUEST.keyward, KEK_HOME_REQUEST.keyward]) });
type Question = z.output<typeof question>['keyward'];

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

/** The id of the version, or the home, that this region reads, or an error code. */
type KekAnswer = { readonly version_id: string } | { readonly home: KekHome } | { readonly code: ErrorCode };

/** Answers the home region's challenge, or its question which KEK this region reads and where, from this region's own data. */
export const proveKeysetEvent = {
  name: 'prove-keyset',
  parse: async (event: unknown, deps: ProveKeysetUse): Promise<ProofChallenge | Question | undefined> => {
    const { data: asked } = z.safeParse(question, event);
    if (asked !== undefined) return asked.keyward;
    const { data } = z.safeParse(schema, event);
    return data !== undefined && (await isKnownProvider(data.provider, deps)) ? data : undefined;
  },
  serve: async (
    challenge: ProofChallenge | Question,
    deps: ProveKeysetUse & { readonly logger: Logger },
  ): Promise<ProofAnswer | KekAnswer> => {
    if (typeof challenge === 'string') return tell(challenge, deps);
    const { proveKeyset, logger } = deps;
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

async function tell(
  asked: Question,
  { kekVersion, kekHome, logger }: ProveKeysetUse & { readonly logger: Logger },
): Promise<KekAnswer> {
  try {
    return asked === 'kek-home' ? { home: await kekHome() } : { version_id: (await kekVersion.current()).versionId };
  } catch (thrown) {
    const fields = failureFields(thrown);
    logger.warn('the current KEK could not be read', { operation: asked, ...fields });
    return { code: fields.code };
  }
}
