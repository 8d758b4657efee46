import {
  isTombstone,
  type CredentialRecord,
  type DamagedCredential,
  type StoredCredential,
} from '../../../lambdas/core/credentials/credential';
import type { CredentialStore } from '../../../lambdas/core/credentials/ports/credential-store';
import { asRead, putConditionally } from './put-conditionally';
import type { Rows, Table } from './table';

export const credentialKey = (provider: string, name: string): string => `${provider}/${name}`;

export const isLive = (stored: StoredCredential): stored is CredentialRecord => !isTombstone(stored);

/** A test puts such a row among the others. */
export const isDamaged = (row: object): row is DamagedCredential => 'damaged' in row;

/** What a provider has or ever had, in the order of names. */
export const credentialsOf = (rows: Pick<Rows<StoredCredential>, 'entries'>, provider: string): StoredCredential[] =>
  Array.from(rows.entries(), ([, stored]) => stored)
    .filter((stored) => stored.provider === provider)
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Credentials in a table, by provider and name. */
export const credentialStore = (table: Table<StoredCredential>): CredentialStore => ({
  get: (provider, name) => {
    const key = credentialKey(provider, name);
    return table.read(`get ${key}`, (rows) => rows.get(key));
  },
  list: (provider, { after = '', limit }) =>
    table.read(`list ${provider}`, (rows) => {
      const rest = credentialsOf(rows, provider)
        .filter(isLive)
        .filter(({ name }) => name > after);
      const page = rest.slice(0, limit);
      const damaged = page.filter((row: object) => isDamaged(row)).map(({ name }) => name);
      const last = rest.length > limit ? page.at(-1)?.name : undefined;
      return {
        credentials: page.filter((row) => !isDamaged(row)),
        ...(damaged.length > 0 && { damaged }),
        ...(last !== undefined && { next: last }),
      };
    }),
  put: (record, expectedRevision) =>
    putConditionally(table, credentialKey(record.provider, record.name), record, asRead(expectedRevision)),
  rekey: (record, expectedWriteId) =>
    putConditionally(
      table,
      credentialKey(record.provider, record.name),
      record,
      (stored) => stored?.write_id === expectedWriteId,
    ),
  hasAny: (provider) => table.read(`any ${provider}`, (rows) => credentialsOf(rows, provider).length > 0),
});
