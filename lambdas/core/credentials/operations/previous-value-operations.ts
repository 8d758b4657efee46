import * as z from 'zod/mini';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { NO_PREVIOUS_VALUE } from '../previous-value';
import type { PurgePrevious } from '../purge-previous';
import type { DescribePrevious } from '../read-credentials';
import { NO_CREDENTIAL } from '../recorded-name';
import { OTHER_PREVIOUS_VALUE, type RestoreCredential } from '../restore-credential';
import { changed, consistent, name, read, withTag } from './credential-parts';
import { CREDENTIAL_REPLIES, CREDENTIAL_REQUESTS, EXAMPLE_CREDENTIAL, EXAMPLE_PREVIOUS } from './credential-schemas';

/** Calls about the previous value of a credential. */
export const PREVIOUS_VALUE_OPERATIONS = {
  describePreviousValue: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/credentials/{name}/previous',
    parameters: { name },
    function: 'credentials',
    grant: 'restore-credentials',
    summary: 'Describe the previous value of a credential, without its key',
    description:
      'Describes the previous value of a credential that was replaced or deleted: its revision, when it was replaced, until when it is kept, and its metadata. Without `consistent` the reply may lag by seconds.',
    query: z.strictObject({ consistent }),
    reply: CREDENTIAL_REPLIES.PreviousValue,
    problems: { ...read, previous_value_not_found: NO_PREVIOUS_VALUE },
    example: { reply: EXAMPLE_PREVIOUS },
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
    summary: 'Restore the previous value of a credential',
    description:
      'Makes the previous value current under a new revision, with its own metadata. The current value becomes the previous one, so a second call undoes the first; after a deletion there is none. `If-None-Match: *` requires that the credential is deleted.',
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
    example: { request: { revision: EXAMPLE_PREVIOUS.revision }, reply: { ...EXAMPLE_CREDENTIAL, revision: 3 } },
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
    summary: 'Purge the previous value of a credential',
    description:
      'Erases the previous value: it is then only in backups of the table. The current value stays, under a new revision. Needs no DEK.',
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
} satisfies OperationsOf<'credentials'>;
