import * as z from 'zod/mini';
import { MAX_PLAINTEXT_BYTES } from '../contract/limits';
import { toKeywardError } from '../errors/errors';

/** Turns a rule of the domain into a check of a schema. */
export const asCheck =
  <T>(rule: (value: T) => void) =>
  (payload: z.core.ParsePayload<T>): void => {
    try {
      rule(payload.value);
    } catch (thrown) {
      payload.issues.push({ code: 'custom', message: toKeywardError(thrown).message, input: undefined });
    }
  };

/** A member that may be left out or `null`, also in the document. Does not apply to values under names that callers choose. */
export const optionalMember = <S extends z.ZodMiniType>(schema: S) =>
  z.optional(
    z.pipe(
      z.nullable(schema),
      z.transform((given: z.output<S> | null) => given ?? undefined),
    ),
  );

/** Text to seal. The limits in characters follow from those in bytes, because JSON Schema counts characters. */
export const secretText = z.string().check(
  z.minLength(1),
  z.maxLength(MAX_PLAINTEXT_BYTES),
  z.refine(
    (text) => Buffer.byteLength(text, 'utf8') <= MAX_PLAINTEXT_BYTES,
    `must have at most ${MAX_PLAINTEXT_BYTES} bytes`,
  ),
  z.meta({ description: `1 to ${MAX_PLAINTEXT_BYTES} bytes of UTF-8.` }),
);
