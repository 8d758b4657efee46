import * as z from 'zod/mini';
import {
  CREDENTIAL_FORMATS,
  MAX_CREDENTIALS_PAGE,
  MAX_KEY_CHARACTERS,
  MAX_PLAINTEXT_BYTES,
} from '../../contract/limits';
import { isKeyShaped } from '../../contract/key-shaped';
import { CREDENTIAL_NAME_PATTERN } from '../../contract/names';
import type { JsonValue } from '../../crypto/canonical-json';
import { OUTAGE_DETAILS } from '../../contract/problems';
import { KeywardError, invalidRequest } from '../../errors/errors';
import { defineCursor } from '../../http/cursor';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import type { PathParameter } from '../../http/path-parameter';
import { entityTag } from '../../http/precondition';
import { flag, pageCursor, pageSize } from '../../http/query-values';
import { count, nextCursor, time } from '../../http/reply-values';
import { asCheck, optionalMember } from '../../http/request-values';
import { CREDENTIAL_CONTENDED } from '../change-credential';
import {
  checkCredentialMetadata,
  CREDENTIAL_DAMAGED,
  isCredentialName,
  MAX_METADATA_MEMBERS,
  describeUnfit,
} from '../credential';
import { unfitnessOf } from '../credential-value';
import { STATE_DEMANDED, type CredentialView } from '../credential-view';
import type { DeleteCredential } from '../delete-credential';
import { METADATA_LOST, type PutCredential } from '../put-credential';
import type { PatchMetadata } from '../patch-metadata';
import type { PurgePrevious } from '../purge-previous';
import type { DescribeCredential, DescribePrevious, ListCredentials, ListDeleted } from '../read-credentials';
import { checkNewName, NO_CREDENTIAL } from '../recorded-name';
import { NO_PREVIOUS_VALUE } from '../previous-value';
import { OTHER_PREVIOUS_VALUE, type RestoreCredential } from '../restore-credential';
import type { RevealCredential } from '../reveal-credential';

/** Checked by having been parsed. */
const jsonValue = z.unknown() as z.ZodMiniType<JsonValue>;

const metadata = z.record(z.string(), jsonValue).check(
  asCheck(checkCredentialMetadata),
  z.meta({
    description:
      'What belongs beside the key and is not secret: it is stored and listed readable. Left out: what is there stays; `{}`: none.',
    maxProperties: MAX_METADATA_MEMBERS,
  }),
);

/** What no format takes is refused here; the rest once the format is known. */
const value = z.string().check(
  asCheck((text) => {
    const unfit = unfitnessOf(text, 'text');
    if (unfit !== undefined) throw invalidRequest(describeUnfit(unfit));
  }),
  z.meta({
    minLength: 1,
    maxLength: MAX_PLAINTEXT_BYTES,
    description: `1 to ${MAX_PLAINTEXT_BYTES} bytes of UTF-8, as \`format\` says. Without it, what fits \`key\` or \`document\`, and is not by its look a mistake: NAME=..., Bearer ... and other headers, in quotes or with one at an end, a comma or semicolon at the end, masked, a placeholder or reference such as YOUR_API_KEY or \${NAME}, the address of a service, a token of Keyward.`,
  }),
);

/** What a JSON merge patch says of metadata: its members are of the metadata, `null` removes one. */
const metadataPatch = z.record(z.string(), jsonValue).check(
  z.meta({
    description:
      'A JSON merge patch (RFC 7396): members take the place of those that are there, `null` removes one, the others stay.',
  }),
);

const format = z.enum(CREDENTIAL_FORMATS).check(
  z.meta({
    description: `What the key is, checked now and not stored. \`key\`: 1 to ${MAX_KEY_CHARACTERS} visible ASCII characters. \`document\`: a JSON object, or text with complete PEM blocks. \`text\`: any text.`,
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
        z.meta({ description: 'That of the previous value which is meant: another one is not brought back.' }),
      ),
  }),
};

/** A time at which a previous value came to be one, and the one at which it is gone. */
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
      description:
        'At most the last 4 characters of the key; empty for a short one, and for what is no key but a document or text.',
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
    z.object(previousMark).check(z.meta({ description: 'The value before, as long as it can be restored.' })),
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
        .check(
          z.meta({ description: 'Names on this page whose rows somebody has edited; present where there are any.' }),
        ),
    ),
    deleted: z.optional(
      z
        .array(
          z.object({
            provider: z.string(),
            name: z.string(),
            revision: count.check(z.meta({ description: 'Of the deletion.' })),
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

/** After which name a list goes on. */
export const credentialCursor = defineCursor(z.strictObject({ after: z.string().check(z.refine(isCredentialName)) }));

const consistent = z
  ._default(flag, false)
  .check(z.meta({ description: 'Whether the home region is asked: slower, and never behind.' }));

/** The longest key that is looked for as if it were a name. */
const MAX_KEY_IN_PATH = 512;

const isKeyInPath = (text: string): boolean =>
  text.length <= MAX_KEY_IN_PATH && /^[\x21-\x7e]+$/.test(text) && isKeyShaped(text);

const name: PathParameter = {
  description: 'What the stored credential is called; compared to the letter.',
  schema: { type: 'string', pattern: CREDENTIAL_NAME_PATTERN.source, examples: ['default'] },
  check: (value, { method }) => {
    if (isCredentialName(value)) return;
    // A new one would get this name.
    if (method === 'PUT') {
      checkNewName(value);
      throw invalidRequest('name: must be the name of a credential');
    }
    // A key that is longer than names, as OpenAI's are, or has other characters: who looks for it finds nothing, which is recorded.
    if (!isKeyInPath(value)) throw new KeywardError('credential_not_found', NO_CREDENTIAL);
  },
};

/** Of calls that read one, and of those that change one. */
const read = { credential_not_found: NO_CREDENTIAL, credential_damaged: CREDENTIAL_DAMAGED };
const changed = {
  conflict: CREDENTIAL_CONTENDED,
  credential_damaged: CREDENTIAL_DAMAGED,
  outcome_unknown: OUTAGE_DETAILS.outcomeUnknown,
  precondition_failed: STATE_DEMANDED,
};

const withTag = (status: number, body: CredentialView) => ({
  status,
  body,
  headers: { etag: entityTag(body.revision) },
});

const apiKey = 'sk-example-not-a-real-key';
const example = {
  provider: 'openai',
  name: 'default',
  hint: '-key',
  key_version: 3,
  revision: 1,
  metadata: { base_url: 'https://api.example.com/v1' },
  created_at: '2026-11-21T08:00:00.000Z',
  updated_at: '2026-11-21T08:00:00.000Z',
};

const previousExample = {
  ...example,
  hint: '-old',
  replaced_at: '2026-11-22T08:00:00.000Z',
  expires_at: '2026-12-22T08:00:00.000Z',
};

export const CREDENTIAL_OPERATIONS = {
  listCredentials: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/credentials',
    function: 'credentials',
    grant: 'manage-credentials',
    summary: "List a provider's stored credentials in the order of their names, without their keys",
    description:
      'What is beside the keys: hint, metadata, revision, key version and dates. As long as there is `next_cursor`, ask again with it. Those whose rows were edited are named in `damaged`. `deleted=true` lists in `deleted` the deleted ones that can be restored, and no others. Without `consistent` it may lag by seconds.',
    query: z.strictObject({
      limit: pageSize(MAX_CREDENTIALS_PAGE),
      cursor: pageCursor,
      consistent,
      deleted: z._default(flag, false).check(
        z.meta({
          description: 'Whether those are listed that were deleted and can be restored, in place of the others.',
        }),
      ),
    }),
    reply: CREDENTIAL_REPLIES.CredentialPage,
    example: { reply: { credentials: [example] } },
    handle: async (
      { parameters: { provider }, query },
      {
        application,
      }: Runtime<{ readonly listCredentials: ListCredentials; readonly listDeletedCredentials: ListDeleted }>,
    ) => {
      const { limit, cursor, consistent, deleted } = query;
      const place = { provider, ...(cursor !== undefined && credentialCursor.decode(cursor)), limit, consistent };
      const { next, ...page } = deleted
        ? { credentials: [], ...(await application.listDeletedCredentials(place)) }
        : await application.listCredentials(place);
      return {
        status: 200,
        body: { ...page, ...(next !== undefined && { next_cursor: credentialCursor.encode({ after: next }) }) },
      };
    },
  }),
  putCredential: defineOperation({
    method: 'PUT',
    path: '/v1/providers/{provider}/credentials/{name}',
    parameters: { name },
    function: 'credentials',
    grant: 'manage-credentials',
    summary: 'Store an API key under a name, or replace it',
    description:
      '201 where it is new, 200 where it takes the place of another. `If-None-Match: *` stores only what is not there yet, `If-Match` replaces only the revision that was read; use one of them where others may write, too. Metadata that is left out stays as it is. Without `format`, what is no API key by its look is refused.',
    request: CREDENTIAL_REQUESTS.PutCredentialRequest,
    reply: CREDENTIAL_REPLIES.Credential,
    entityTag: true,
    preconditions: ['if-match', 'if-none-match'],
    statuses: [200, 201],
    problems: { ...changed, metadata_required: METADATA_LOST },
    example: { request: { api_key: apiKey, metadata: example.metadata }, reply: example },
    handle: async (
      { caller, parameters, body, precondition },
      { application }: Runtime<{ readonly putCredential: PutCredential }>,
    ) => {
      const stored = await application.putCredential(caller, {
        provider: parameters.provider,
        name: parameters.name,
        api_key: body.api_key,
        ...(body.format !== undefined && { format: body.format }),
        ...(body.metadata !== undefined && { metadata: body.metadata }),
        ...(precondition !== undefined && { precondition }),
      });
      return withTag(stored.created ? 201 : 200, stored.credential);
    },
  }),
  describeCredential: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/credentials/{name}',
    parameters: { name },
    function: 'credentials',
    grant: 'manage-credentials',
    summary: 'Describe a stored credential, without its key',
    description:
      'Hint, metadata, revision, key version and dates. Without `consistent` it may lag by seconds; the ETag is good for `If-Match` all the same.',
    query: z.strictObject({ consistent }),
    reply: CREDENTIAL_REPLIES.Credential,
    entityTag: true,
    problems: read,
    example: { reply: example },
    handle: async (
      { parameters, query },
      { application }: Runtime<{ readonly describeCredential: DescribeCredential }>,
    ) => withTag(200, await application.describeCredential({ ...parameters, ...query })),
  }),
  deleteCredential: defineOperation({
    method: 'DELETE',
    path: '/v1/providers/{provider}/credentials/{name}',
    parameters: { name },
    function: 'credentials',
    grant: 'manage-credentials',
    summary: 'Delete a stored credential',
    description:
      'What it was is kept as the previous value for the days that are configured, and can be restored; with `previous=purge` nothing is kept, and it is gone but for backups of the table. With `If-Match` only the revision that was read is deleted.',
    query: z.strictObject({
      previous: z
        .optional(z.enum(['purge']))
        .check(
          z.meta({ description: '`purge`: neither the key nor the one before it is kept. Needs no encryption key.' }),
        ),
    }),
    preconditions: ['if-match'],
    statuses: [204],
    problems: { ...changed, credential_not_found: NO_CREDENTIAL },
    handle: async (
      { caller, parameters, query, precondition },
      { application }: Runtime<{ readonly deleteCredential: DeleteCredential }>,
    ) => {
      await application.deleteCredential(caller, {
        ...parameters,
        purge: query.previous === 'purge',
        ...(precondition !== undefined && { precondition }),
      });
      return { status: 204 };
    },
  }),
  patchCredential: defineOperation({
    method: 'PATCH',
    path: '/v1/providers/{provider}/credentials/{name}',
    parameters: { name },
    function: 'credentials',
    grant: 'change-metadata',
    summary: 'Change what stands beside a stored key, without the key',
    description:
      'The key is opened and sealed anew with the metadata that results; it is not returned. The previous value stays. Whoever may call this can have a key sent elsewhere, where a base URL stands beside it: that is a grant of its own.',
    request: CREDENTIAL_REQUESTS.PatchCredentialRequest,
    reply: CREDENTIAL_REPLIES.Credential,
    entityTag: true,
    preconditions: ['if-match', 'if-none-match'],
    problems: { ...changed, credential_not_found: NO_CREDENTIAL },
    example: {
      request: { metadata: { team: 'search', base_url: null } },
      reply: { ...example, metadata: { team: 'search' } },
    },
    handle: async (
      { caller, parameters, body, precondition },
      { application }: Runtime<{ readonly patchMetadata: PatchMetadata }>,
    ) =>
      withTag(
        200,
        await application.patchMetadata(caller, {
          ...parameters,
          patch: body.metadata,
          ...(precondition !== undefined && { precondition }),
        }),
      ),
  }),
  describePreviousValue: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/credentials/{name}/previous',
    parameters: { name },
    function: 'credentials',
    grant: 'restore-credentials',
    summary: 'Describe the previous value of a credential, without its key',
    description:
      'Of a credential that was replaced or deleted: under which revision it was the current one, when it was replaced, until when it is kept, and what stood beside it. Without `consistent` it may lag by seconds.',
    query: z.strictObject({ consistent }),
    reply: CREDENTIAL_REPLIES.PreviousValue,
    problems: { ...read, previous_value_not_found: NO_PREVIOUS_VALUE },
    example: { reply: previousExample },
    handle: async (
      { parameters, query },
      { application }: Runtime<{ readonly describePrevious: DescribePrevious }>,
    ) => ({ status: 200, body: await application.describePrevious({ ...parameters, ...query }) }),
  }),
  restoreCredential: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/credentials/{name}/restore',
    parameters: { name },
    function: 'credentials',
    grant: 'restore-credentials',
    summary: 'Bring the previous value of a credential back',
    description:
      'It becomes the current value under a new revision, with the metadata that stood beside it, and what is current takes its place: a second call undoes the first. After a deletion nothing takes its place. `If-None-Match: *` demands that the credential is deleted.',
    request: CREDENTIAL_REQUESTS.RestoreCredentialRequest,
    reply: CREDENTIAL_REPLIES.Credential,
    entityTag: true,
    preconditions: ['if-match', 'if-none-match'],
    problems: {
      ...changed,
      credential_not_found: NO_CREDENTIAL,
      previous_value_changed: OTHER_PREVIOUS_VALUE,
      previous_value_not_found: NO_PREVIOUS_VALUE,
    },
    example: { request: { revision: previousExample.revision }, reply: { ...example, revision: 3 } },
    handle: async (
      { caller, parameters, body, precondition },
      { application }: Runtime<{ readonly restoreCredential: RestoreCredential }>,
    ) =>
      withTag(
        200,
        await application.restoreCredential(caller, {
          ...parameters,
          ...body,
          ...(precondition !== undefined && { precondition }),
        }),
      ),
  }),
  purgePreviousValue: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/credentials/{name}/purge',
    parameters: { name },
    function: 'credentials',
    grant: 'purge-credentials',
    summary: 'End the previous value of a credential at once',
    description:
      'It is gone for good, but for backups of the table; the current value stays, under a new revision. Needs no encryption key.',
    preconditions: ['if-match', 'if-none-match'],
    statuses: [204],
    problems: {
      ...changed,
      credential_not_found: NO_CREDENTIAL,
      previous_value_not_found: NO_PREVIOUS_VALUE,
    },
    handle: async (
      { caller, parameters, precondition },
      { application }: Runtime<{ readonly purgePrevious: PurgePrevious }>,
    ) => {
      await application.purgePrevious(caller, { ...parameters, ...(precondition !== undefined && { precondition }) });
      return { status: 204 };
    },
  }),
  revealCredential: defineOperation({
    method: 'POST',
    path: '/v1/providers/{provider}/credentials/{name}/reveal',
    parameters: { name },
    function: 'credentials',
    grant: 'reveal',
    summary: 'Return a stored API key',
    description:
      'The key, and what is beside it. It leaves only once the event that says so is durable. Without `consistent` it may lag by seconds.',
    plaintext: true,
    query: z.strictObject({ consistent }),
    reply: CREDENTIAL_REPLIES.RevealedCredential,
    entityTag: true,
    problems: read,
    example: { reply: { ...example, api_key: apiKey } },
    handle: async (
      { caller, parameters, query },
      { application }: Runtime<{ readonly revealCredential: RevealCredential }>,
    ) => withTag(200, await application.revealCredential(caller, { ...parameters, ...query })),
  }),
} satisfies OperationsOf<'credentials'>;
