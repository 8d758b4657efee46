import { MAX_CREDENTIALS_PAGE } from '../../lambdas/core/contract/limits';
import { command } from '../command';
import type { ValuesOf } from '../options';
import { readRevision } from '../option-values';
import { OF_PROVIDER, providerPath } from './of-provider';
import { PAGING, pageSize } from './paging';
import { checkStored, STORED, storedBody } from './put-credential';
import { TRIM } from './trim';
import { YES } from './yes';

const OF_CREDENTIAL = { parameters: ['provider', 'name'], required: 2 } as const;
const credentialPath = ([provider = '', name = '']: readonly string[]): string =>
  `${providerPath([provider])}/credentials/${name}`;

const IF_MATCH = {
  'if-match': {
    type: 'string',
    shown: '--if-match REVISION',
    help: 'only if this is the stored revision; * for any',
    otherwise: 'whatever is stored',
  },
} as const;

const ifMatch = (options: ValuesOf<typeof IF_MATCH>): Record<string, string> =>
  options['if-match'] === undefined ? {} : { 'if-match': readRevision(options['if-match']) };

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
    change: 'replaced',
    checkSecret: checkStored,
    remedies: { metadata_required: 'here by --metadata NAME=VALUE, or --no-metadata' },
    mayCreate: (options) => options['if-match'] === undefined,
    call: (parameters, options) => ({
      method: 'PUT',
      path: credentialPath(parameters),
      headers: { ...ifMatch(options), ...(options['if-none-match'] === true ? { 'if-none-match': '*' } : {}) },
      body: storedBody(options),
    }),
    shown: () => ({ kind: 'object' }),
  }),
  command({
    words: ['credential', 'get'],
    summary: 'describe a stored key, without the key',
    ...OF_CREDENTIAL,
    options: {},
    call: (parameters) => ({ method: 'GET', path: credentialPath(parameters) }),
    shown: () => ({ kind: 'object' }),
  }),
  command({
    words: ['credential', 'list'],
    summary: "list a provider's stored keys, without the keys",
    ...OF_PROVIDER,
    options: PAGING,
    call: (parameters, options) => ({
      method: 'GET',
      path: `${providerPath(parameters)}/credentials`,
      query: pageSize(options, MAX_CREDENTIALS_PAGE),
    }),
    shown: () => ({
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
    }),
  }),
  command({
    words: ['credential', 'reveal'],
    summary: 'print a stored key',
    ...OF_CREDENTIAL,
    options: {},
    call: (parameters) => ({ method: 'POST', path: `${credentialPath(parameters)}/reveal` }),
    shown: () => ({ kind: 'secret', member: 'api_key' }),
  }),
  command({
    words: ['credential', 'delete'],
    summary: 'delete a stored key',
    ...OF_CREDENTIAL,
    options: { ...IF_MATCH, ...YES },
    change: 'deleted',
    call: (parameters, options) => ({
      method: 'DELETE',
      path: credentialPath(parameters),
      headers: ifMatch(options),
    }),
    shown: () => ({ kind: 'nothing' }),
  }),
];
