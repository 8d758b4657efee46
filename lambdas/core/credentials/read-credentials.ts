import { readLive, viewOf, type CredentialSources, type CredentialView } from './credential-view';

interface CredentialPageView {
  readonly credentials: readonly CredentialView[];
  readonly damaged?: readonly string[];
  readonly next?: string;
}

/** Shows one credential; never opens it. */
export const createDescribeCredential =
  (on: { credentials: CredentialSources }) =>
  async (query: { provider: string; name: string; consistent: boolean }): Promise<CredentialView> => {
    const { provider, name, consistent } = query;
    return viewOf(await readLive(on.credentials, provider, name, consistent));
  };

/**
 * Shows a page of credentials in the order of their names; never opens one. A page may be short and still have a next. One whose
 * row is damaged is named, and takes no other with it. `next` is the name to continue after; missing at the end.
 */
export const createListCredentials =
  (on: { credentials: CredentialSources }) =>
  async (query: {
    provider: string;
    after?: string;
    limit: number;
    consistent: boolean;
  }): Promise<CredentialPageView> => {
    const { provider, after, limit, consistent } = query;
    const reader = consistent ? on.credentials.home : on.credentials.local;
    const page = await reader.list(provider, { ...(after === undefined ? {} : { after }), limit, consistent });
    return {
      credentials: page.credentials.map(viewOf),
      ...(page.damaged === undefined ? {} : { damaged: page.damaged }),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };

export type DescribeCredential = ReturnType<typeof createDescribeCredential>;
export type ListCredentials = ReturnType<typeof createListCredentials>;
