import * as z from 'zod/mini';
import { CREDENTIAL_FORMATS, MAX_KEY_CHARACTERS, MAX_PLAINTEXT_BYTES } from '../../contract/limits';
import type { JsonValue } from '../../crypto/canonical-json';
import { invalidRequest } from '../../errors/errors';
import { defineCursor } from '../../http/cursor';
import { count, nextCursor, time } from '../../http/reply-values';
import { asCheck, optionalMember } from '../../http/request-values';
import { checkCredentialMetadata, describeUnfit, isCredentialName, MAX_METADATA_MEMBERS } from '../credential';
import { unfitnessOf } from '../value-rule';

/** The strict JSON parser has checked it. */
const jsonValue = z.unknown() as z.ZodMiniType<JsonValue>;

const metadata = z.record(z.string(), jsonValue).check(
  asCheck(checkCredentialMetadata),
  z.meta({
    description:
      'Metadata of the key. It must not be secret: it is stored and listed in plaintext. Left out: the metadata stays; `{}`: none.',
    maxProperties: MAX_METADATA_MEMBERS,
  }),
);

/** Refuses what no format accepts; the rest is checked with the format. */
const value = z.string().check(
  asCheck((text) => {
    const unfit = unfitnessOf(text, 'text');
    if (unfit !== undefined) throw invalidRequest(describeUnfit(unfit));
  }),
  z.meta({
    minLength: 1,
    maxLength: MAX_PLAINTEXT_BYTES,
    description: `1 to ${MAX_PLAINTEXT_BYTES} bytes of UTF-8 in the given \`format\`. Without a format the value must fit \`key\` or \`document\` and must not look like a mistake: an assignment (NAME=...), a header (Bearer ...), quotes, a comma or semicolon at the end, a mask, a placeholder or reference (YOUR_API_KEY, \${NAME}), the address of a service, a token of Keyward.`,
  }),
);

/** A JSON merge patch of metadata; `null` removes a member. */
const metadataPatch = z.record(z.string(), jsonValue).check(
  z.meta({
    description:
      'A JSON merge patch (RFC 7396): members replace those of the same name, `null` removes a member, the others stay.',
  }),
);

const format = z.enum(CREDENTIAL_FORMATS).check(
  z.meta({
    description: `Format of the key: checked, not stored. \`key\`: 1 to ${MAX_KEY_CHARACTERS} visible ASCII characters. \`document\`: a JSON object, or text with complete PEM blocks. \`text\`: any text.`,
  }),
);

export const CREDENTIAL_REQUESTS = {
  PutCredentialRequest: z.strictObject({
    api_key: value,
    format: optionalMember(format),
    metadata: optionalMember(metadata),
  }),
  PatchCredentialRequest: z.strictObject({ metadata: metadataPatch }),
  RestoreCredentialRequest: z.strictObject({
    revision: z
      .int()
      .check(
        z.minimum(1),
        z.meta({ description: 'Revision of the previous value to restore; another one is refused.' }),
      ),
  }),
};

/** Members that identify a previous value and its retention. */
const previousMark = {
  revision: count.check(z.meta({ description: 'The revision under which it was the current value.' })),
  replaced_at: time,
  expires_at: time,
};

const shown = {
  provider: z.string(),
  name: z.string(),
  hint: z.string().check(
    z.meta({
      description: 'At most the last 4 characters of the key; empty for a short key, a document or text.',
    }),
  ),
  key_version: count,
  revision: count,
  metadata: z.record(z.string(), z.unknown()),
  created_at: time,
  updated_at: time,
};
const credential = z.object({
  ...shown,
  previous: z.optional(
    z.object(previousMark).check(z.meta({ description: 'The previous value, as long as it can be restored.' })),
  ),
});
const previousValue = z.object({ ...shown, ...previousMark });

export const CREDENTIAL_REPLIES = {
  Credential: credential,
  CredentialPage: z.object({
    credentials: z.array(credential),
    damaged: z.optional(
      z
        .array(z.string())
        .check(z.meta({ description: 'Names on this page whose rows were edited; present if there are any.' })),
    ),
    deleted: z.optional(
      z
        .array(
          z.object({
            provider: z.string(),
            name: z.string(),
            revision: count.check(z.meta({ description: 'Revision of the deletion.' })),
            deleted_at: time,
            previous: previousValue,
          }),
        )
        .check(z.meta({ description: 'With `deleted=true`: the deleted credentials that can be restored.' })),
    ),
    next_cursor: nextCursor,
  }),
  PreviousValue: previousValue,
  RevealedCredential: z.extend(credential, { api_key: z.string() }),
};

/** The name after which a list continues. */
export const credentialCursor = defineCursor(z.strictObject({ after: z.string().check(z.refine(isCredentialName)) }));

export const EXAMPLE_API_KEY = 'sk-example-not-a-real-key';
export const EXAMPLE_CREDENTIAL = {
  provider: 'openai',
  name: 'default',
  hint: '-key',
  key_version: 3,
  revision: 1,
  metadata: { base_url: 'https://api.example.com/v1' },
  created_at: '2026-11-21T08:00:00.000Z',
  updated_at: '2026-11-21T08:00:00.000Z',
};

export const EXAMPLE_PREVIOUS = {
  ...EXAMPLE_CREDENTIAL,
  hint: '-old',
  replaced_at: '2026-11-22T08:00:00.000Z',
  expires_at: '2026-12-22T08:00:00.000Z',
};
