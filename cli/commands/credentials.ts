import { MAX_CREDENTIALS_PAGE } from '../../lambdas/core/contract/limits';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { command } from '../command';
import { credentialRows } from './credential-rows';
import { credentialPath, IF_MATCH, ifMatch, OF_CREDENTIAL } from './of-credential';
import { OF_PROVIDER, providerPath } from './of-provider';
import { PAGING, pageSize } from './paging';
import { checkStored, STORED, storedBody } from './put-credential';
import { TRIM } from './trim';
import type { ListShown } from '../io/output-format';
import { YES } from './yes';

const STORED_LIST: ListShown = {
  kind: 'list',
  member: 'credentials',
  columns: [
    { name: 'name', rank: 0, least: 20, usual: 24, grows: true },
    { name: 'hint', rank: 1, least: 4 },
    { name: 'revision', rank: 4, least: 4 },
    { name: 'key_version', rank: 5, least: 4 },
    { name: 'updated_at', rank: 2, least: 20, usual: 24 },
    { name: 'metadata', rank: 3, least: 12, grows: true },
  ],
};

const DELETED_LIST: ListShown = {
  kind: 'list',
  member: 'deleted',
  inTable: ({ name, deleted_at, previous }) => ({ ...(isRecord(previous) && previous), name, deleted_at }),
  columns: [
    { name: 'name', rank: 0, least: 20, usual: 24, grows: true },
    { name: 'hint', rank: 2, least: 4 },
    { name: 'revision', rank: 5, least: 4 },
    { name: 'deleted_at', rank: 1, least: 20, usual: 24 },
    { name: 'expires_at', rank: 3, least: 20, usual: 24 },
    { name: 'metadata', rank: 4, least: 12, grows: true },
  ],
  empty: 'no deleted key can be restored',
};

const MAY_BE_DELETED = { credential_not_found: 'credential list --deleted lists deleted keys' };

/** What is done with API keys that Keyward stores. */
export const CREDENTIAL_COMMANDS = [
  command({
    words: ['credential', 'put'],
    summary: 'store the API key on stdin under a name, or replace it',
    ...OF_CREDENTIAL,
    options: {
      ...STORED,
      ...IF_MATCH,
      'if-none-match': {
        type: 'boolean',
        shown: '--if-none-match',
        help: 'only if nothing is stored under that name',
      },
      ...TRIM,
      yes: { ...YES.yes, help: 'do not ask before a stored key is replaced' },
    },
    secret: 'api_key',
    change: () => 'replaced',
    checkSecret: checkStored,
    remedies: { metadata_required: 'here by --metadata NAME=VALUE, or --no-metadata' },
    mayCreate: (options) => options['if-match'] === undefined,
    call: (parameters, options) => ({
      method: 'PUT',
      path: credentialPath(parameters),
      headers: { ...ifMatch(options), ...(options['if-none-match'] === true ? { 'if-none-match': '*' } : {}) },
      body: storedBody(options),
    }),
    shown: () => ({ kind: 'object', rows: credentialRows }),
  }),
  command({
    words: ['credential', 'get'],
    summary: 'describe a stored key; does not print it',
    ...OF_CREDENTIAL,
    options: {},
    call: (parameters) => ({ method: 'GET', path: credentialPath(parameters) }),
    remedies: MAY_BE_DELETED,
    shown: () => ({ kind: 'object', rows: credentialRows }),
  }),
  command({
    words: ['credential', 'list'],
    summary: "list a provider's stored keys; does not print them",
    ...OF_PROVIDER,
    options: {
      ...PAGING,
      deleted: { type: 'boolean', shown: '--deleted', help: 'only deleted keys that can be restored' },
    },
    call: (parameters, options) => ({
      method: 'GET',
      path: `${providerPath(parameters)}/credentials`,
      query: {
        ...pageSize(options, MAX_CREDENTIALS_PAGE),
        ...(options.deleted === true && { deleted: 'true' }),
      },
    }),
    shown: (_, { deleted }) => (deleted === true ? DELETED_LIST : STORED_LIST),
  }),
  command({
    words: ['credential', 'reveal'],
    summary: 'print a stored key',
    ...OF_CREDENTIAL,
    options: {},
    call: (parameters) => ({ method: 'POST', path: `${credentialPath(parameters)}/reveal` }),
    remedies: MAY_BE_DELETED,
    shown: () => ({ kind: 'secret', member: 'api_key' }),
  }),
  command({
    words: ['credential', 'delete'],
    summary: 'delete a stored key',
    ...OF_CREDENTIAL,
    details:
      'The deleted key is kept as the previous value, and credential restore restores it; --purge keeps nothing.',
    options: {
      ...IF_MATCH,
      purge: { type: 'boolean', shown: '--purge', help: 'keep no previous value; nothing can be restored' },
      ...YES,
    },
    change: ({ purge }) => (purge === true ? 'purged' : 'deleted'),
    call: (parameters, options) => ({
      method: 'DELETE',
      path: credentialPath(parameters),
      ...(options.purge === true && { query: { previous: 'purge' } }),
      headers: ifMatch(options),
    }),
    shown: () => ({ kind: 'nothing' }),
  }),
];
