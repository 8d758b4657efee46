import * as z from 'zod/mini';
import { MAX_BATCH_ITEMS } from '../../contract/limits';
import { checkCallerContext, MAX_CONTEXT_PAIRS } from '../../crypto/encryption-context';
import { errorCode } from '../../http/error-code';
import { count } from '../../http/reply-values';
import { asCheck, optionalMember, secretText } from '../../http/request-values';

const MAX_REFERENCE_CHARACTERS = 128;

/** The form is not checked here: a malformed token is `decryption_failed` like any other. */
const ciphertext = z.string().check(z.meta({ description: 'A token as encrypt or rewrap returned it.' }));

const context = z.record(z.string(), z.string()).check(
  asCheck(checkCallerContext),
  z.meta({
    description: 'Encryption context: authenticated, not stored; decrypt must present the same one.',
    maxProperties: MAX_CONTEXT_PAIRS,
  }),
);

const reference = z
  .string()
  .check(z.maxLength(MAX_REFERENCE_CHARACTERS), z.meta({ description: 'Returned with the result of this item.' }));

const sealing = { plaintext: secretText, context: optionalMember(context) };
const opening = { ciphertext, context: optionalMember(context) };

const batchOf = <S extends z.core.$ZodShape>(shape: S) =>
  z.strictObject({
    items: z
      .array(z.strictObject({ ...shape, reference: optionalMember(reference) }))
      .check(z.minLength(1), z.maxLength(MAX_BATCH_ITEMS)),
  });

export const TOKEN_REQUESTS = {
  EncryptRequest: z.strictObject(sealing),
  EncryptBatchRequest: batchOf(sealing),
  TokenRequest: z.strictObject(opening),
  TokenBatchRequest: batchOf(opening),
};

const sealed = { ciphertext: z.string(), provider: z.string(), key_version: count };
const opened = {
  plaintext: z.string(),
  provider: z.string(),
  key_version: count,
  rewrap_recommended: z
    .boolean()
    .check(z.meta({ description: 'The token is not under the primary: rewrap it before its version is retired.' })),
};

const failure = z.object({ code: errorCode, status: z.int(), detail: z.string() });

/** Results in the order of the items, each with the item's reference. */
const resultsOf = <S extends z.core.$ZodShape>(shape: S) => {
  const named = z.optional(z.string());
  return z.object({
    results: z.array(
      z.union([z.object({ reference: named, ...shape }), z.object({ reference: named, error: failure })]),
    ),
  });
};

export const TOKEN_REPLIES = {
  Sealed: z.object(sealed),
  Opened: z.object(opened),
  Failure: failure,
  SealedBatch: resultsOf(sealed),
  OpenedBatch: resultsOf(opened),
};

const token = `kw1.openai.3.${'A'.repeat(228)}EXA=`;

/** Values of the examples. */
export const EXAMPLE = {
  token,
  context: { team: 'search' },
  plaintext: 'sk-example-not-a-real-key',
  sealed: { ciphertext: token, provider: 'openai', key_version: 3 },
};
