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
    summary: "List a provider's stored credentials by name, without their keys",
    description:
      'Returns hint, metadata, revision, key version and dates. While the reply has `next_cursor`, there may be more. `damaged` names credentials whose rows were edited. `deleted=true` lists only the deleted credentials that can be restored, in `deleted`. Without `consistent` the list may lag by seconds.',
    query: z.strictObject({
      limit: pageSize(MAX_CREDENTIALS_PAGE),
      cursor: pageCursor,
      consistent,
      deleted: z._default(flag, false).check(
        z.meta({
          description: 'Whether to list the deleted credentials that can be restored in place of the live ones.',
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
      'Answers 201 for a new credential, 200 for a replaced one. `If-None-Match: *` stores only a new credential, `If-Match` replaces only the revision that was read; use one of them if there are other writers. Metadata that is left out stays as it is. Without `format`, a value that does not look like an API key is refused.',
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
      'Returns hint, metadata, revision, key version and dates. Without `consistent` the reply may lag by seconds; its ETag can still be used in `If-Match`.',
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
      'Keeps the value as the previous value for the configured days, during which it can be restored. With `previous=purge` nothing is kept: the value is then only in backups of the table. `If-Match` deletes only the revision that was read.',
    query: z.strictObject({
      previous: z
        .optional(z.enum(['purge']))
        .check(z.meta({ description: '`purge`: neither the value nor the previous one is kept. Needs no DEK.' })),
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
    summary: 'Change the metadata of a stored credential, without the key',
    description:
      'Opens the key and seals it anew with the changed metadata; does not return it. The previous value stays. This call has a grant of its own: a caller could have a key sent elsewhere by changing a base URL in the metadata.',
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
      'Returns the key and its metadata. The key is returned only after its audit event is durable. Without `consistent` the reply may lag by seconds.',
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
