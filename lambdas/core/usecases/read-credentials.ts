import type { Application } from './application';
import { readLive, viewOf, type CredentialSources } from './credential-view';

/** Shows one credential; never opens it. */
export const createDescribeCredential =
  (on: { credentials: CredentialSources }): Application['describeCredential'] =>
  async ({ provider, name, consistent }) =>
    viewOf(await readLive(on.credentials, provider, name, consistent));

/** Shows a page of credentials in the order of their names; never opens one. */
export const createListCredentials =
  (on: { credentials: CredentialSources }): Application['listCredentials'] =>
  async ({ provider, after, limit, consistent }) => {
    const reader = consistent ? on.credentials.home : on.credentials.local;
    const found = await reader.list(provider, {
      ...(after === undefined ? {} : { after }),
      limit: limit + 1,
      consistent,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      credentials: page.map(viewOf),
      ...(found.length > limit && last !== undefined ? { next: last.name } : {}),
    };
  };
