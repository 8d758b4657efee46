import {
  canBeNamed,
  isDamaged,
  isPreviousDamaged,
  isTombstone,
  type CredentialRecord,
  type CredentialTombstone,
  type DamagedCredential,
  type StoredRow,
} from '../../../lambdas/core/credentials/credential';
import type {
  CredentialStore,
  DeletedCredential,
  ListedCredential,
  ListedPage,
  ReadRow,
} from '../../../lambdas/core/credentials/ports/credential-store';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { putConditionally } from './put-conditionally';
import type { Rows, Table } from './table';

export const credentialKey = (provider: string, name: string): string => `${provider}/${name}`;

const isLive = (row: StoredRow): row is CredentialRecord | DamagedCredential => !isTombstone(row);

/** All present and past credentials of a provider, in the order of names. */
export const credentialsOf = (rows: Pick<Rows<StoredRow>, 'entries'>, provider: string): StoredRow[] =>
  Array.from(rows.entries(), ([, stored]) => stored)
    .filter((stored) => stored.provider === provider)
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** The condition that the row was not written since the read. */
const unchanged =
  (read: ReadRow | undefined) =>
  (stored: { readonly revision?: unknown; readonly write_id?: unknown } | undefined): boolean => {
    if (read === undefined) return stored === undefined;
    if (read.write_id !== undefined) return stored?.write_id === read.write_id;
    const isLost = typeof stored?.write_id !== 'string' || stored.write_id === '';
    return stored !== undefined && stored.revision === read.revision && isLost;
  };

/** A row in a list of live credentials, with the place of its previous value. */
function listedLive(row: CredentialRecord): ListedCredential {
  const { ciphertext: _, previous, ...rest } = row;
  if (previous === undefined || isPreviousDamaged(previous)) return rest;
  const { revision, replaced_at } = previous;
  return { ...rest, previous: { revision, replaced_at } };
}

/** A row in a list of deleted credentials. */
function listed({ previous, ...rest }: CredentialTombstone): object {
  if (previous === undefined || isPreviousDamaged(previous)) return { ...rest, ...(previous && { previous }) };
  const { ciphertext: __, ...kept } = previous;
  return { ...rest, previous: kept };
}

/** A page of the rows that pass a filter. */
function pageOf<R extends StoredRow>(
  rows: Pick<Rows<StoredRow>, 'entries'>,
  provider: string,
  { after = '', limit }: ListedPage,
  filter: (row: StoredRow) => row is R,
): { readonly page: readonly R[]; readonly next: { readonly next?: string } } {
  const rest = credentialsOf(rows, provider)
    .filter(filter)
    .filter(({ name }) => name > after);
  const page = rest.slice(0, limit);
  const last = rest.length > limit ? page.at(-1)?.name : undefined;
  return { page, next: last === undefined ? {} : { next: last } };
}

const holdsPrevious = (row: StoredRow): row is CredentialTombstone | DamagedCredential =>
  row.previous !== undefined && (isTombstone(row) || (isDamaged(row) && 'deleted_at' in row.row));

const isRestorable = (row: CredentialTombstone | DamagedCredential): row is CredentialTombstone =>
  isTombstone(row) && row.previous !== undefined && !isPreviousDamaged(row.previous);

/** Credentials in a table, by provider and name. */
export const credentialStore = (table: Table<StoredRow>): CredentialStore => ({
  get: (provider, name) => {
    const key = credentialKey(provider, name);
    return table.read(`get ${key}`, (rows) => rows.get(key));
  },
  list: (provider, place) =>
    table.read(`list ${provider}`, (rows) => {
      const { page, next } = pageOf(rows, provider, place, isLive);
      const damaged = page.filter(isDamaged).map(({ name }) => name);
      return {
        credentials: page.flatMap((row) => (isDamaged(row) ? [] : [listedLive(row)])),
        ...(damaged.length > 0 && { damaged }),
        ...next,
      };
    }),
  listDeleted: (provider, place) =>
    table.read(`list deleted ${provider}`, (rows) => {
      const { page, next } = pageOf(rows, provider, place, holdsPrevious);
      const damaged = page.filter((row) => !isRestorable(row)).map(({ name }) => name);
      return {
        deleted: page.flatMap((row) => (isRestorable(row) ? [listed(row) as DeletedCredential] : [])),
        ...(damaged.length > 0 && { damaged }),
        ...next,
      };
    }),
  put: async (record, read) => {
    // DynamoDB refuses a condition without its value.
    if (read !== undefined && !canBeNamed(read))
      throw new KeywardError('store_unavailable', 'no condition names the row');
    return putConditionally(table, credentialKey(record.provider, record.name), record, unchanged(read));
  },
  hasAny: (provider) => table.read(`any ${provider}`, (rows) => credentialsOf(rows, provider).length > 0),
});
