import type { ApiMethod } from '../lambdas/core/contract/api-calls';
import { MAX_AUDIT_PAGE, MAX_CREDENTIALS_PAGE } from '../lambdas/core/contract/limits';
import { MAX_KEY_VERSION } from '../lambdas/core/contract/names';
import type { OptionName, OptionValues } from './options';
import { readCount, readPairs, readRevision } from './option-values';
import { ROTATION_COMMANDS } from './commands/rotation-commands';

/** What a command reads from stdin: the member of the request's body that it becomes. */
export type SecretMember = 'plaintext' | 'ciphertext' | 'api_key';

/** The call that a command makes. */
export interface ApiCall {
  readonly method: ApiMethod;
  /** From `/v1` on; provider and name are of patterns that need no encoding. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body without the secret; absent where the call takes no body. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** How a reply is shown without `--json`. */
export type Shown =
  | { readonly kind: 'line'; readonly member: string }
  | { readonly kind: 'secret'; readonly member: string }
  | {
      readonly kind: 'object';
      /** Names and values for a person, where they are not the reply's members. */
      readonly rows?: (reply: Readonly<Record<string, unknown>>) => readonly (readonly [string, unknown])[];
    }
  | { readonly kind: 'list'; readonly member: string; readonly columns: readonly string[] }
  | { readonly kind: 'nothing' };

/** What a parameter is: an `id` is a rotation's, or `latest`; a `version` is one of a provider's key. */
export type ParameterKind = 'provider' | 'name' | 'id' | 'version';

/** How a command is called. */
interface CommandLine {
  readonly words: readonly string[];
  readonly summary: string;
  /** More about it, for its own help. */
  readonly details?: string;
  readonly parameters: readonly ParameterKind[];
  /** How many of the parameters must be there. */
  readonly required: number;
  readonly options: readonly OptionName[];
  readonly secret?: SecretMember;
}

/** A command that is one call of the API, or page after page. */
export interface CallCommand extends CommandLine {
  readonly call: (parameters: readonly string[], options: OptionValues) => ApiCall;
  /** A promise where what it needs is loaded only then: checking replies takes longer to load than all the rest. */
  readonly shown: (parameters: readonly string[]) => Shown | Promise<Shown>;
}

/** What carries out a command that is more than that. */
export type WorkName = 'rotate' | 'show-rotation' | 'watch-rotation' | 'set-policy' | 'schedule-destruction';

interface WorkCommand extends CommandLine {
  readonly work: WorkName;
}

export type Command = CallCommand | WorkCommand;

const providerPath = ([provider = '']: readonly string[]): string => `/v1/providers/${provider}`;
const credentialPath = ([provider = '', name = '']: readonly string[]): string =>
  `/v1/providers/${provider}/credentials/${name}`;

const contextOf = ({ context }: OptionValues): Record<string, unknown> =>
  context === undefined ? {} : { context: readPairs('--context', context) };

const ifMatch = (options: OptionValues): Record<string, string> =>
  options['if-match'] === undefined ? {} : { 'if-match': readRevision(options['if-match']) };

const onToken = (verb: string) => (parameters: readonly string[], options: OptionValues) =>
  ({ method: 'POST', path: `${providerPath(parameters)}/${verb}`, body: contextOf(options) }) as const;

const pageSize = ({ limit, all }: OptionValues, most: number): Record<string, string> => {
  const size = limit ?? (all === true ? String(most) : undefined);
  return size === undefined ? {} : { limit: size };
};

const always = (shown: Shown) => (): Shown => shown;
const ofOneCredential = { parameters: ['provider', 'name'], required: 2 } as const;
const ofOneToken = { parameters: ['provider'], required: 1, options: ['context'] } as const;

export const COMMANDS: readonly Command[] = [
  {
    words: ['encrypt'],
    summary: 'encrypt the text on stdin; prints a token to keep',
    ...ofOneToken,
    secret: 'plaintext',
    call: onToken('encrypt'),
    shown: always({ kind: 'line', member: 'ciphertext' }),
  },
  {
    words: ['decrypt'],
    summary: 'decrypt the token on stdin; prints the text',
    ...ofOneToken,
    secret: 'ciphertext',
    call: onToken('decrypt'),
    shown: always({ kind: 'secret', member: 'plaintext' }),
  },
  {
    words: ['rewrap'],
    summary: 'move the token on stdin to the newest key; prints the new token',
    ...ofOneToken,
    secret: 'ciphertext',
    call: onToken('rewrap'),
    shown: always({ kind: 'line', member: 'ciphertext' }),
  },
  {
    words: ['credential', 'put'],
    summary: 'store the API key on stdin under a name, or replace it',
    ...ofOneCredential,
    options: ['metadata', 'if-match', 'if-none-match'],
    secret: 'api_key',
    call: (parameters, options) => ({
      method: 'PUT',
      path: credentialPath(parameters),
      headers: { ...ifMatch(options), ...(options['if-none-match'] === true ? { 'if-none-match': '*' } : {}) },
      body: options.metadata === undefined ? {} : { metadata: readPairs('--metadata', options.metadata) },
    }),
    shown: always({ kind: 'object' }),
  },
  {
    words: ['credential', 'get'],
    summary: 'describe a stored key, without the key',
    ...ofOneCredential,
    options: [],
    call: (parameters) => ({ method: 'GET', path: credentialPath(parameters) }),
    shown: always({ kind: 'object' }),
  },
  {
    words: ['credential', 'list'],
    summary: "list a provider's stored keys, without the keys",
    parameters: ['provider'],
    required: 1,
    options: ['limit', 'all'],
    call: (parameters, options) => ({
      method: 'GET',
      path: `${providerPath(parameters)}/credentials`,
      query: pageSize(options, MAX_CREDENTIALS_PAGE),
    }),
    shown: always({
      kind: 'list',
      member: 'credentials',
      columns: ['name', 'hint', 'revision', 'key_version', 'updated_at', 'metadata'],
    }),
  },
  {
    words: ['credential', 'reveal'],
    summary: 'print a stored key',
    ...ofOneCredential,
    options: [],
    call: (parameters) => ({ method: 'POST', path: `${credentialPath(parameters)}/reveal` }),
    shown: always({ kind: 'secret', member: 'api_key' }),
  },
  {
    words: ['credential', 'delete'],
    summary: 'delete a stored key',
    ...ofOneCredential,
    options: ['if-match'],
    call: (parameters, options) => ({
      method: 'DELETE',
      path: credentialPath(parameters),
      headers: ifMatch(options),
    }),
    shown: always({ kind: 'nothing' }),
  },
  {
    words: ['keys'],
    summary: 'show the key versions of all providers, or all about those of one; no key material',
    parameters: ['provider'],
    required: 0,
    options: [],
    call: (parameters) => ({
      method: 'GET',
      path: parameters.length === 0 ? '/v1/providers' : providerPath(parameters),
    }),
    shown: (parameters) =>
      parameters.length > 0
        ? { kind: 'object' }
        : {
            kind: 'list',
            member: 'providers',
            columns: ['provider', 'primary_version', 'dek_created_at', 'dek_rotation_count', 'kek_id'],
          },
  },
  ...ROTATION_COMMANDS,
  {
    words: ['audit'],
    summary: 'show who did what, newest first; the last 7 days unless asked otherwise',
    parameters: [],
    required: 0,
    options: ['from', 'to', 'provider', 'user', 'type', 'success', 'key-version', 'limit', 'all'],
    call: (_, options) => ({ method: 'GET', path: '/v1/audit/events', query: auditQuery(options) }),
    shown: always({
      kind: 'list',
      member: 'events',
      columns: ['timestamp', 'event_type', 'provider', 'success', 'user_id', 'ip_address', 'request_id', 'metadata'],
    }),
  },
];

function auditQuery(options: OptionValues): Record<string, string> {
  const { from, to, provider, user, type, success } = options;
  const named = { from, to, provider, user_id: user, event_type: type, success, key_version: keyVersionOf(options) };
  const given = Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(given), ...pageSize(options, MAX_AUDIT_PAGE) };
}

function keyVersionOf(options: OptionValues): string | undefined {
  const text = options['key-version'];
  return text === undefined ? undefined : String(readCount('--key-version', text, { least: 1, most: MAX_KEY_VERSION }));
}
