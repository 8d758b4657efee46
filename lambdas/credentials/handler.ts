import { apiRuntime, composeCredentials } from '../core/runtime/compose-api';
import { decodeCredentialCursor, encodeCredentialCursor } from '../core/http/cursor';
import { createHttpHandler } from '../core/http/http-handler';
import type { Runtime } from '../core/http/operation';
import { entityTag } from '../core/http/precondition';
import type { Application } from '../core/runtime/application';

type CredentialUseCases = Pick<
  Application,
  'putCredential' | 'describeCredential' | 'listCredentials' | 'revealCredential' | 'deleteCredential'
>;

export const createHandler = (runtime: () => Promise<Runtime<CredentialUseCases>>) =>
  createHttpHandler('credentials', runtime, {
    listCredentials: async ({ parameters: { provider }, query: { limit, cursor, consistent } }, { application }) => {
      const after = cursor === undefined ? {} : { after: decodeCredentialCursor(cursor) };
      const { credentials, damaged, next } = await application.listCredentials({
        provider,
        ...after,
        limit,
        consistent,
      });
      const cursorMember = next === undefined ? {} : { next_cursor: encodeCredentialCursor(next) };
      const damagedMember = damaged === undefined ? {} : { damaged };
      return { status: 200, body: { credentials, ...damagedMember, ...cursorMember } };
    },
    putCredential: async ({ caller, parameters, body, precondition }, { application }) => {
      const { credential, created } = await application.putCredential(caller, {
        provider: parameters.provider,
        name: parameters.name,
        api_key: body.api_key,
        metadata: body.metadata ?? {},
        ...(precondition !== undefined && { precondition }),
      });
      return { status: created ? 201 : 200, body: credential, headers: { etag: entityTag(credential.revision) } };
    },
    describeCredential: async ({ parameters: { provider, name }, query: { consistent } }, { application }) => {
      const credential = await application.describeCredential({ provider, name, consistent });
      return { status: 200, body: credential, headers: { etag: entityTag(credential.revision) } };
    },
    revealCredential: async ({ caller, parameters: { provider, name }, query: { consistent } }, { application }) => {
      const credential = await application.revealCredential(caller, { provider, name, consistent });
      return { status: 200, body: credential, headers: { etag: entityTag(credential.revision) } };
    },
    deleteCredential: async ({ caller, parameters: { provider, name }, precondition }, { application }) => {
      await application.deleteCredential(caller, {
        provider,
        name,
        ...(precondition !== undefined && { precondition }),
      });
      return { status: 204 };
    },
  });

export const handler = createHandler(apiRuntime(composeCredentials));
