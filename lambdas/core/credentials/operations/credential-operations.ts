import * as z from 'zod/mini';
import { MAX_CREDENTIALS_PAGE } from '../../contract/limits';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { flag, pageCursor, pageSize } from '../../http/query-values';
import type { DeleteCredential } from '../delete-credential';
import type { PatchMetadata } from '../patch-metadata';
import { METADATA_LOST, type PutCredential } from '../put-credential';
import type { DescribeCredential, ListCredentials, ListDeleted } from '../read-credentials';
import { NO_CREDENTIAL } from '../recorded-name';
import type { RevealCredential } from '../reveal-credential';
import { changed, consistent, name, read, withTag } from './credential-parts';
import {
  CREDENTIAL_REPLIES,
  CREDENTIAL_REQUESTS,
  credentialCursor,
  EXAMPLE_API_KEY,
  EXAMPLE_CREDENTIAL,
} from './credential-schemas';
import { PREVIOUS_VALUE_OPERATIONS } from './previous-value-operations';

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
    example: { reply: { credentials: [EXAMPLE_CREDENTIAL] } },
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
    example: {
      request: { api_key: EXAMPLE_API_KEY, metadata: EXAMPLE_CREDENTIAL.metadata },
      reply: EXAMPLE_CREDENTIAL,
    },
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
    example: { reply: EXAMPLE_CREDENTIAL },
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
      reply: { ...EXAMPLE_CREDENTIAL, metadata: { team: 'search' } },
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
  ...PREVIOUS_VALUE_OPERATIONS,
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
    example: { reply: { ...EXAMPLE_CREDENTIAL, api_key: EXAMPLE_API_KEY } },
    handle: async (
      { caller, parameters, query },
      { application }: Runtime<{ readonly revealCredential: RevealCredential }>,
    ) => withTag(200, await application.revealCredential(caller, { ...parameters, ...query })),
  }),
} satisfies OperationsOf<'credentials'>;
