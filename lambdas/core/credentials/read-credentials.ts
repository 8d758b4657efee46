import {
  markOf,
  readLive,
  viewOf,
  type CredentialSources,
  type CredentialView,
  type PreviousKeeping,
  type PreviousMark,
} from './credential-view';
import { shownHint } from './credential';
import { readPrevious, shownPrevious } from './previous-value';
import type { ListedPage, ListedPrevious } from './ports/credential-store';
import { credentialNotFound } from './recorded-name';

/** A page; `next` is the name to continue after, missing only at the end. */
interface CredentialPageView {
  readonly credentials: readonly CredentialView[];
  readonly damaged?: readonly string[];
  readonly next?: string;
}

/** What the API shows of a previous value: everything but the key. */
export type PreviousView = Omit<CredentialView, 'previous'> & PreviousMark;

/** A deleted credential that can be restored. */
export interface DeletedView {
  readonly provider: string;
  readonly name: string;
  /** Revision of the deletion. */
  readonly revision: number;
  readonly deleted_at: string;
  readonly previous: PreviousView;
}

interface DeletedPageView {
  readonly deleted: readonly DeletedView[];
  readonly damaged?: readonly string[];
  readonly next?: string;
}

interface ReadingDependencies extends PreviousKeeping {
  readonly credentials: CredentialSources;
}

interface OfCredential {
  readonly provider: string;
  readonly name: string;
  readonly consistent: boolean;
}

/** Shows one credential; never opens it. */
export const createDescribeCredential =
  (deps: ReadingDependencies) =>
  async ({ provider, name, consistent }: OfCredential): Promise<CredentialView> =>
    viewOf(await readLive(deps.credentials, provider, name, consistent), deps);

/** Shows the previous value of a credential, deleted or not; never opens it. */
export const createDescribePrevious =
  (deps: ReadingDependencies) =>
  async ({ provider, name, consistent }: OfCredential): Promise<PreviousView> => {
    const row = await readerOf(deps, consistent).get(provider, name, consistent);
    if (row === undefined) throw credentialNotFound(name);
    return previousView(deps, { provider, name }, readPrevious(row, deps.previousValueDays, deps.clock.now()));
  };

/**
 * Shows a page of credentials in the order of their names; never opens one. A page may be short and still have a `next`. A
 * damaged row is named and affects no other.
 */
export const createListCredentials =
  (deps: ReadingDependencies) =>
  async ({ provider, ...page }: ListedPage & { provider: string }): Promise<CredentialPageView> => {
    const { credentials, ...rest } = await readerOf(deps, page.consistent).list(provider, page);
    return { credentials: credentials.map((each) => viewOf(each, deps)), ...rest };
  };

/**
 * Shows a page of deleted credentials that can be restored, in the order of their names. A page may be short and still have a
 * `next`.
 */
export const createListDeleted =
  (deps: ReadingDependencies) =>
  async ({ provider, ...page }: ListedPage & { provider: string }): Promise<DeletedPageView> => {
    const { deleted, ...rest } = await readerOf(deps, page.consistent).listDeleted(provider, page);
    const views = deleted.flatMap((row): DeletedView[] => {
      const { name, revision, deleted_at } = row;
      const previous = shownPrevious(row, deps.previousValueDays, deps.clock.now());
      if (previous === undefined) return [];
      return [{ provider, name, revision, deleted_at, previous: previousView(deps, { provider, name }, previous) }];
    });
    return { deleted: views, ...rest };
  };

const readerOf = ({ credentials }: ReadingDependencies, consistent: boolean) =>
  consistent ? credentials.home : credentials.local;

function previousView(
  deps: ReadingDependencies,
  { provider, name }: { readonly provider: string; readonly name: string },
  previous: ListedPrevious,
): PreviousView {
  const { hint, key_version, metadata, created_at, updated_at } = previous;
  return {
    provider,
    name,
    ...markOf(previous, deps),
    hint: shownHint(hint),
    key_version,
    metadata,
    created_at,
    updated_at,
  };
}

export type DescribeCredential = ReturnType<typeof createDescribeCredential>;
export type DescribePrevious = ReturnType<typeof createDescribePrevious>;
export type ListCredentials = ReturnType<typeof createListCredentials>;
export type ListDeleted = ReturnType<typeof createListDeleted>;
