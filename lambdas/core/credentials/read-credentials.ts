import type { Application } from '../runtime/application';
import { readLive, viewOf, type CredentialSources } from './credential-view';

/** Shows one credential; never opens it. */
export const createDescribeCredential =
  (on: { credentials: CredentialSources }): Application['describeCredential'] =>
  async ({ provider, name, consistent }) =>
    viewOf(await readLive(on.credentials, provider, name, consistent));

/**
 * Shows a page of credentials in the order of their names; never opens one. A page may be short and still have a next. One whose
 * row is damaged is named, and takes no other with it.
 */
export const createListCredentials =
  (on: { credentials: CredentialSources }): Application['listCredentials'] =>
  async ({ provider, after, limit, consistent }) => {
    const reader = consistent ? on.credentials.home : on.credentials.local;
    const page = await reader.list(provider, { ...(after === undefined ? {} : { after }), limit, consistent });
    return {
      credentials: page.credentials.map(viewOf),
      ...(page.damaged === undefined ? {} : { damaged: page.damaged }),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
