import * as z from 'zod/mini';
import {
  INTERVALS_DAYS,
  MAX_BATCH_ITEMS,
  MAX_CURSOR_CHARACTERS,
  MAX_PLAINTEXT_BYTES,
  MAX_WINDOW_DAYS,
  MIN_WINDOW_DAYS,
} from '../contract/limits';
import type { JsonValue } from '../crypto/canonical-json';
import { checkCredentialMetadata, MAX_METADATA_MEMBERS } from '../credentials/credential';
import { checkCallerContext, MAX_CONTEXT_PAIRS } from '../crypto/encryption-context';
import { toKeywardError } from '../errors/errors';

const MAX_REFERENCE_CHARACTERS = 128;
const MAX_REASON_CHARACTERS = 200;
/** Controls, formatting such as a change of writing direction, line separators, what is no character. */
const NOT_PRINTABLE = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/** A rule of the domain as a check of a schema: one rule, one place. */
const asCheck =
  <T>(rule: (value: T) => void) =>
  (payload: z.core.ParsePayload<T>): void => {
    try {
      rule(payload.value);
    } catch (thrown) {
      payload.issues.push({ code: 'custom', message: toKeywardError(thrown).message, input: undefined });
    }
  };

/** Text to seal. The lengths in characters follow from those in bytes and are what JSON Schema can say. */
const secretText = z.string().check(
  z.minLength(1),
  z.maxLength(MAX_PLAINTEXT_BYTES),
  z.refine(
    (text) => Buffer.byteLength(text, 'utf8') <= MAX_PLAINTEXT_BYTES,
    `must have at most ${MAX_PLAINTEXT_BYTES} bytes`,
  ),
  z.meta({ description: `1 to ${MAX_PLAINTEXT_BYTES} bytes of UTF-8.` }),
);

/** Whatever its form: a token that is wrong in itself is `decryption_failed` like any other, so it is not judged here. */
const ciphertext = z.string().check(z.meta({ description: 'A token as encrypt or rewrap returned it.' }));

const context = z.record(z.string(), z.string()).check(
  asCheck(checkCallerContext),
  z.meta({
    description: 'Encryption context: authenticated, not stored; decrypt must present the same.',
    maxProperties: MAX_CONTEXT_PAIRS,
  }),
);

/** Checked by having been parsed. */
const jsonValue = z.unknown() as z.ZodMiniType<JsonValue>;

const metadata = z.record(z.string(), jsonValue).check(
  asCheck(checkCredentialMetadata),
  z.meta({
    description: 'What belongs beside the key and is not secret: it is stored and listed readable.',
    maxProperties: MAX_METADATA_MEMBERS,
  }),
);

const reference = z
  .string()
  .check(z.maxLength(MAX_REFERENCE_CHARACTERS), z.meta({ description: 'Comes back beside the result of this item.' }));

const sealing = { plaintext: secretText, context: z.optional(context) };
const opening = { ciphertext, context: z.optional(context) };

const batchOf = <S extends z.core.$ZodShape>(shape: S) =>
  z.strictObject({
    items: z
      .array(z.strictObject({ ...shape, reference: z.optional(reference) }))
      .check(z.minLength(1), z.maxLength(MAX_BATCH_ITEMS)),
  });

export const encryptRequest = z.strictObject(sealing);
export const tokenRequest = z.strictObject(opening);
export const encryptBatchRequest = batchOf(sealing);
export const tokenBatchRequest = batchOf(opening);
export const putCredentialRequest = z.strictObject({ api_key: secretText, metadata: z.optional(metadata) });

export const rotationPolicyRequest = z.strictObject({
  enabled: z.boolean(),
  interval_days: z.literal(INTERVALS_DAYS),
  grace_period_days: z
    .int()
    .check(
      z.minimum(0),
      z.meta({ description: 'For so long the version before still opens tokens; not longer than the interval.' }),
    ),
});

const reason = z.string().check(
  z.minLength(1),
  z.maxLength(MAX_REASON_CHARACTERS),
  z.refine((text) => !NOT_PRINTABLE.test(text), 'must have printable characters alone'),
  z.meta({ description: 'Kept in the report of the rotation, for everybody who may read it.' }),
);

export const rotateRequest = z
  .strictObject({
    dry_run: z.optional(
      z.boolean().check(z.meta({ description: 'A census: counts and opens what is stored, and changes nothing.' })),
    ),
    reason: z.optional(reason),
    emergency: z.optional(
      z
        .boolean()
        .check(
          z.meta({ description: 'For a leaked key: promotes at once, and tokens of the old version open no more.' }),
        ),
    ),
    cursor: z.optional(
      z
        .string()
        .check(
          z.minLength(1),
          z.maxLength(MAX_CURSOR_CHARACTERS),
          z.meta({ description: 'The `next_cursor` of the part before, of a census alone.' }),
        ),
    ),
  })
  .check(
    z.refine(({ dry_run: dryRun, cursor }) => cursor === undefined || dryRun === true, {
      path: ['cursor'],
      error: 'only a dry run takes one',
    }),
  );

export const scheduleDestructionRequest = z.strictObject({
  pending_window_days: z
    .int()
    .check(
      z.minimum(MIN_WINDOW_DAYS),
      z.maximum(MAX_WINDOW_DAYS),
      z.meta({ description: 'For so long it can be cancelled.' }),
    ),
});
